"""One step of a project, as `DescribeProjectSteps` and `ListProjects` give it."""

from collections.abc import Callable, Mapping, Sequence

from omsbot.domain.project.oms_error import OmsError, OmsErrorKind
from omsbot.domain.project.project import Step, StepInfo, StepStatus
from omsbot.oms.wire.error import read_step_error
from omsbot.oms.wire.fields import as_documented
from omsbot.oms.wire.strict_json import embedded, embedded_or_text, malformed
from omsbot.oms.wire.values import (
    boolean,
    count,
    epoch_seconds,
    integer,
    moment,
    percent,
    rate,
    text,
    word,
)

MAX_STEPS = 500

_STATUSES = {status.value: status for status in StepStatus}

# field of `stepInfo` -> (field of StepInfo, how it is read)
_INFO: Mapping[str, tuple[str, Callable[[object], object]]] = {
    "processedRecords": ("processed_records", count),
    "capacity": ("capacity", count),
    "srcRps": ("src_rps", rate),
    "srcRt": ("src_rt_ms", rate),
    "srcIops": ("src_iops", rate),
    "dstRps": ("dst_rps", rate),
    "dstRt": ("dst_rt_ms", rate),
    "dstIops": ("dst_iops", rate),
    "srcRpsRef": ("src_rps_ref", rate),
    "srcRtRef": ("src_rt_ref_ms", rate),
    "srcIopsRef": ("src_iops_ref", rate),
    "dstRpsRef": ("dst_rps_ref", rate),
    "dstRtRef": ("dst_rt_ref_ms", rate),
    "incrTimestampCheckpoint": ("checkpoint_s", epoch_seconds),
    "checkpointSampleTimestamp": ("sampled_s", epoch_seconds),
    "enableIncrStatistics": ("incr_statistics", boolean),
    "inconsistencies": ("inconsistencies", count),
    "validated": ("validated", count),
    "skipped": ("skipped", count),
}
# the same for `stepInfo.connectorFullProgressOverview`, which cloud servers add
_OVERVIEW: Mapping[str, tuple[str, Callable[[object], object]]] = {
    "estimatedTotalCount": ("estimated_total", count),
    "finishedCount": ("finished_count", count),
    "estimatedRemainingTimeOfSec": ("estimated_remaining_s", count),
    "progress": ("overview_progress", percent),
}


def read_step_list(data: object) -> tuple[Step, ...]:
    """Return the steps of an answer, sorted by order; steps without one stay behind the others.

    Takes a list, one step alone, or either as a JSON text; null is no steps. Raises OmsError: MALFORMED
    where it is anything else, or a step has no name; TOO_LARGE from 501 steps on.
    """
    items = read_objects(data, "step")
    if len(items) > MAX_STEPS:
        raise OmsError(
            OmsErrorKind.TOO_LARGE, f"the answer has {len(items):,} steps; the bot reads {MAX_STEPS} at most"
        )
    steps = [_read_step(item, position) for position, item in enumerate(items, start=1)]
    steps.sort(key=lambda step: (step.order is None, step.order or 0))
    return tuple(steps)


def read_objects(data: object, noun: str) -> Sequence[Mapping[str, object]]:
    """Return the objects that `data` holds; `noun` says what they should be where it holds something else."""
    found = embedded(data)
    if found is None or found == {} or (isinstance(found, str) and text(found) is None):
        return ()
    listed = found if isinstance(found, list) else [found]
    items = [item for item in listed if isinstance(item, dict)]
    if len(items) + listed.count(None) < len(listed):
        raise malformed(f"the answer has something other than {noun}s where its {noun}s should be")
    return items


def _read_step(item: Mapping[str, object], position: int) -> Step:
    fields = as_documented(item)
    name = word(fields.get("name")) if isinstance(fields.get("name"), str) else None
    if name is None:
        raise malformed(f"step {position} of the answer has no name")
    status = fields.get("status")
    if isinstance(status, (list, dict, bool)):
        raise malformed(f"step {position} of the answer has something other than a word for its status")
    raw_status = word(status) or ""
    return Step(
        name=name,
        status=_STATUSES.get(raw_status.upper(), StepStatus.UNKNOWN),
        raw_status=raw_status,
        order=integer(fields.get("order")),
        description=text(fields.get("description")),
        progress=percent(fields.get("progress")),
        started_at=moment(fields.get("startTime")),
        finished_at=moment(fields.get("finishTime")),
        error=read_step_error(fields.get("extraInfo")),
        info=_read_info(fields.get("stepInfo")),
    )


def _read_info(value: object) -> StepInfo | None:
    """Return what `stepInfo` says; figures that cannot be read are left out, not to hide a step's status."""
    found = embedded_or_text(value)
    if not isinstance(found, dict):
        return None
    fields = as_documented(found)
    known = _read_known(fields, _INFO)
    overview = embedded_or_text(fields.get("connectorFullProgressOverview"))
    if isinstance(overview, dict):
        known |= _read_known(as_documented(overview), _OVERVIEW)
    return StepInfo(**known) if known else None  # type: ignore[arg-type]  # each reader returns its field's type


def _read_known(
    fields: Mapping[str, object], table: Mapping[str, tuple[str, Callable[[object], object]]]
) -> dict[str, object]:
    known = {}
    for key, value in fields.items():
        if value is not None and key in table:
            field, read = table[key]
            if (found := read(value)) is not None:
                known[field] = found
    return known
