"""The names of OMS's fields; its versions and flavours write them in different cases."""

from collections.abc import Mapping

from omsbot.oms.wire.strict_json import malformed

Fields = Mapping[str, object]

_ENVELOPE = "success errorDetail code message advice requestId pageNumber pageSize totalCount cost data"
_STEP = "order name description status extraInfo startTime finishTime progress stepInfo"
_EXTRA_INFO = "errorDetails errorCode errorMsg errorParam failedTime"
_ERROR = (
    "level reason proposal extraContext upstreamErrorDetail messageMcmsKey messageMcmsContext "
    "reasonMcmsKey reasonMcmsContext proposalMcmsKey proposalMcmsContext"
)
_STEP_INFO = (
    "processedRecords capacity srcRps srcRt srcIops dstRps dstRt dstIops srcRpsRef srcRtRef srcIopsRef "
    "dstRpsRef dstRtRef incrTimestampCheckpoint checkpointSampleTimestamp enableIncrStatistics "
    "inconsistencies validated skipped "
    "connectorFullProgressOverview estimatedTotalCount finishedCount estimatedRemainingTimeOfSec"
)
_PROJECT = "id type steps"

_DOCUMENTED = frozenset(f"{_ENVELOPE} {_STEP} {_EXTRA_INFO} {_ERROR} {_STEP_INFO} {_PROJECT}".split())
_DECISIVE = frozenset({"success", "data", "id", "name", "status", "steps"})
_BY_LOWER_CASE = {name.lower(): name for name in _DOCUMENTED}


def as_documented(item: Fields) -> Fields:
    """Return an object's fields under their documented names, however they were written.

    Raises OmsError (MALFORMED) where two spellings of a name that decides what an answer is contradict each
    other; of any other name the first that says something holds.
    """
    if item.keys() <= _DOCUMENTED:
        return item
    fields = {_BY_LOWER_CASE.get(key.lower(), key): value for key, value in item.items()}
    return fields if len(fields) == len(item) else _merge_twins(item)


def _merge_twins(item: Fields) -> Fields:
    fields: dict[str, object] = {}
    for key, value in item.items():
        name = _BY_LOWER_CASE.get(key.lower(), key)
        twin = fields.get(name)
        if name in _DECISIVE and value is not None and twin is not None and twin != value:
            raise malformed(f"the answer has `{name}` in two spellings that disagree")
        fields[name] = value if twin is None else twin
    return fields
