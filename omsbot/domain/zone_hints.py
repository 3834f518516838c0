"""Names that are not taken for a time zone, and the zones that were probably meant."""

from collections.abc import Mapping

# Half of each year they are wrong where clocks change, and several mean different places. Some are on the
# IANA list (EST, CET...), with or without summer time as it was decades ago: no one means that.
ABBREVIATIONS: Mapping[str, tuple[str, ...]] = {
    name: tuple(zones.split())
    for names, zones in (
        ("est edt et", "America/New_York"),
        ("cst", "America/Chicago Asia/Shanghai"),
        ("cdt ct", "America/Chicago"),
        ("mst", "America/Denver America/Phoenix"),
        ("mdt mt", "America/Denver"),
        ("pst pdt pt", "America/Los_Angeles"),
        ("akst akdt", "America/Anchorage"),
        ("ast", "America/Halifax Asia/Riyadh"),
        ("adt", "America/Halifax"),
        ("nst ndt", "America/St_Johns"),
        ("brt", "America/Sao_Paulo"),
        ("bst", "Europe/London Asia/Dhaka"),
        ("ist", "Asia/Kolkata Europe/Dublin Asia/Jerusalem"),
        ("idt", "Asia/Jerusalem"),
        ("wet west", "Europe/Lisbon"),
        ("cet cest met mest mez mesz", "Europe/Berlin"),
        ("eet eest", "Europe/Athens Europe/Helsinki"),
        ("msk", "Europe/Moscow"),
        ("gst", "Asia/Dubai"),
        ("pkt", "Asia/Karachi"),
        ("ict", "Asia/Bangkok"),
        ("wib", "Asia/Jakarta"),
        ("sgt", "Asia/Singapore"),
        ("hkt", "Asia/Hong_Kong"),
        ("jst", "Asia/Tokyo"),
        ("kst", "Asia/Seoul"),
        ("awst", "Australia/Perth"),
        ("acst", "Australia/Adelaide Australia/Darwin"),
        ("acdt", "Australia/Adelaide"),
        ("aest", "Australia/Sydney Australia/Brisbane"),
        ("aedt", "Australia/Sydney"),
        ("nzst nzdt", "Pacific/Auckland"),
        ("sast", "Africa/Johannesburg"),
        ("eat", "Africa/Nairobi"),
        ("wat", "Africa/Lagos"),
        ("cat", "Africa/Maputo"),
    )
    for name in names.split()
}

# Cities that many people look for and that give no zone its name.
OTHER_CITIES: Mapping[str, str] = {
    city: zone
    for cities, zone in (
        ("beijing hangzhou shenzhen guangzhou chengdu nanjing wuhan", "Asia/Shanghai"),
        ("mumbai delhi newdelhi bangalore bengaluru hyderabad chennai pune", "Asia/Kolkata"),
        ("sanfrancisco seattle sanjose sandiego lasvegas", "America/Los_Angeles"),
        ("boston washington miami atlanta philadelphia", "America/New_York"),
        ("dallas houston austin", "America/Chicago"),
        ("montreal ottawa", "America/Toronto"),
        ("munich hamburg frankfurt cologne", "Europe/Berlin"),
        ("barcelona", "Europe/Madrid"),
        ("milan", "Europe/Rome"),
        ("geneva", "Europe/Zurich"),
        ("hanoi", "Asia/Bangkok"),
        ("osaka kyoto", "Asia/Tokyo"),
        ("canberra", "Australia/Sydney"),
    )
    for city in cities.split()
}
