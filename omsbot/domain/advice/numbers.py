"""Reads the error numbers of databases out of a text, in the forms in which drivers and tools write them."""

import re
from collections.abc import Iterator

from omsbot.domain.advice.words import Number, Vendor

# an Oracle tenant of OceanBase says OBE where Oracle says ORA
_ORACLE = r"\b(?:ORA|OBE)-(?P<oracle>\d{5})\b"
# `ERROR 1062 (23000)`, `Error_code: 1062`, `errno=1062`, `ErrorCode = 1062`, `错误码：1062`
# but not `error: 1062 rows differ`, and no year
_MYSQL = (
    r"(?:\b(?:error|errno|err|(?:vendor|error)[ _]?code)|错误码)(?:\s?[:=：#]\s?|\s)(?:MY-0{0,2})?"
    r"(?P<mysql>[1-3]\d{3})(?![\d./%:年-]|\s?(?:rows?|records?|tables?|of|times|bytes|ms|s|条|行|次|秒|毫秒)\b)"
)
_OCEANBASE = r"\bOB-(?P<ob>\d{4})\b|\bret=-(?P<ret>\d{4})\b|\bERROR (?P<shown>[4-6]\d{3}) \(\w{5}\)"
_NUMBERS = re.compile(rf"{_ORACLE}|{_MYSQL}|{_OCEANBASE}", re.IGNORECASE)

_VENDORS = {
    "oracle": Vendor.ORACLE,
    "mysql": Vendor.MYSQL,
    "ob": Vendor.OCEANBASE,
    "ret": Vendor.OCEANBASE,
    "shown": Vendor.OCEANBASE,
}


def numbers(text: str) -> Iterator[Number]:
    """Yield the error numbers in a text, in its order."""
    for match in _NUMBERS.finditer(text):
        vendor = match.lastgroup or ""  # every alternative has a name
        yield Number(_VENDORS[vendor], int(match[vendor]))
