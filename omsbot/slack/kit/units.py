"""Numbers, shares, durations, rates and moments as people read them."""

from datetime import UTC, datetime

SECOND_MS = 1_000
MINUTE_S, HOUR_S, DAY_S = 60, 3_600, 86_400

BAR_CELLS = 10
# Slack renders a date token of any second, but only these years can be worded as a fallback
_EARLIEST_MS = 0
_LATEST_MS = 253_402_300_799_000
DATE_FORMAT = "{date_num} {time_secs}"


def number(value: float) -> str:
    """`8,000`; below 10 with one decimal where there is one."""
    if abs(value) < 10 and value != int(value):
        return f"{value:,.1f}"
    return f"{value:,.0f}"


def amount(octets: float) -> str:
    """`40.9 kB`, `8.4 MB`: an amount of bytes in thousands."""
    value, unit = float(octets), "B"
    for larger in ("kB", "MB", "GB", "TB", "PB", "EB"):
        if abs(value) < 1_000:
            break
        value, unit = value / 1_000, larger
    return f"{value:,.1f} {unit}" if unit != "B" else f"{number(value)} B"


def counted(count: int, noun: str) -> str:
    return f"{number(count)} {noun}" if count == 1 else f"{number(count)} {noun}s"


def percent(progress: int) -> str:
    return f"{within_100(progress)} %"


def within_100(progress: int) -> int:
    return min(100, max(0, progress))


def bar(progress: int) -> str:
    """Ten cells, filled downwards: only 100 % is a full bar."""
    filled = within_100(progress) * BAR_CELLS // 100
    return "▓" * filled + "░" * (BAR_CELLS - filled)


def duration(span_ms: int) -> str:
    """The two largest units: `45 s`, `12 min`, `2 h 14 min`, `3 d 4 h`; a negative span is `0 s`."""
    seconds = max(0, span_ms) // SECOND_MS
    if seconds < MINUTE_S:
        return f"{seconds} s"
    if seconds < HOUR_S:
        minutes, rest = divmod(seconds, MINUTE_S)
        return f"{minutes} min {rest} s" if rest and minutes < 10 else f"{minutes} min"
    if seconds < DAY_S:
        return _two(seconds, HOUR_S, "h", MINUTE_S, "min")
    return _two(seconds, DAY_S, "d", HOUR_S, "h")


def rate(rps: float, reference: float | None) -> str:
    """`8,000 rows/s (reference 10,000)`."""
    told = f"{number(rps)} rows/s"
    return f"{told} (reference {number(reference)})" if reference else told


def utc(at: int) -> str | None:
    """`2023-11-14 22:13:20 UTC`, or None for a moment outside the years 1970 to 9999."""
    if not _EARLIEST_MS <= at <= _LATEST_MS:
        return None
    return datetime.fromtimestamp(at // SECOND_MS, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def _two(seconds: int, unit: int, name: str, lesser: int, lesser_name: str) -> str:
    whole, rest = divmod(seconds, unit)
    told = f"{number(whole)} {name}"
    return f"{told} {rest // lesser} {lesser_name}" if rest >= lesser else told
