"""Steps as OMS writes them: the `data` of DescribeProjectSteps, in the habits of either edition."""

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from enum import StrEnum
from types import MappingProxyType

from omsbot.sandbox.scenarios.moment import ProjectMoment, StepMoment
from omsbot.sandbox.scenarios.plan import Flavour, Scenario

RPS_REFERENCE = 8000
IOPS_REFERENCE = 8_388_608
BYTES_PER_RECORD = 292
COPY_FIELDS = (
    *("processedRecords", "capacity", "srcRps", "srcRt", "srcIops", "dstRps", "dstRt", "dstIops"),
    *("srcRpsRef", "srcRtRef", "dstRpsRef", "dstRtRef", "srcIopsRef"),
)
SYNC_FIELDS = ("incrTimestampCheckpoint", "checkpointSampleTimestamp", "enableIncrStatistics")


class Shape(StrEnum):
    """Which fields `stepInfo` has."""

    NONE = "none"
    COPY = "copy"
    SYNC = "sync"
    REVERSE = "reverse"
    SWITCH = "switch"


KINDS: Mapping[str, tuple[str, str, Shape]] = MappingProxyType(
    {
        "TRANSFER_PRECHECK": ("Precheck", "预检查", Shape.NONE),
        "PRE_CHECK": ("Precheck", "预检查", Shape.NONE),
        "STRUCT_TRANSFER": ("Schema migration", "结构迁移", Shape.NONE),
        "STRUCT_MIGRATION": ("Schema migration", "结构迁移", Shape.NONE),
        "TRANSFER_INCR_LOG_PULL": ("Incremental log pull", "增量日志拉取", Shape.NONE),
        "INCR_LOG_PULL": ("Incremental log pull", "增量日志拉取", Shape.NONE),
        "FULL_TRANSFER": ("Full migration", "全量迁移", Shape.COPY),
        "FULL_MIGRATION": ("Full migration", "全量迁移", Shape.COPY),
        "INDEX_TRANSFER": ("Index migration", "索引迁移", Shape.NONE),
        "INDEX_MIGRATION": ("Index migration", "索引迁移", Shape.NONE),
        "INCR_TRANSFER": ("Incremental synchronization", "增量同步", Shape.SYNC),
        "INCR_SYNC": ("Incremental synchronization", "增量同步", Shape.SYNC),
        "FULL_VERIFIER": ("Full verification", "全量校验", Shape.COPY),
        "FULL_VALIDATION": ("Full verification", "全量校验", Shape.COPY),
        "TRANSFER_APP_SWITCH": ("Forward switchover", "正向切换", Shape.SWITCH),
        "APP_SWITCH": ("Forward switchover", "正向切换", Shape.SWITCH),
        "REVERSE_INCR_TRANSFER": ("Reverse incremental synchronization", "反向增量", Shape.REVERSE),
        "REVERSE_INCR_SYNC": ("Reverse incremental synchronization", "反向增量", Shape.REVERSE),
    }
)


def steps_json(
    scenario: Scenario, moment: ProjectMoment, fields: Mapping[str, Mapping[str, object]]
) -> bytes:
    """The encoded array of steps; `fields` are shown over what the script says, by step name."""
    render = _cloud_step if scenario.flavour is Flavour.CLOUD else _community_step
    steps = [{**render(step, scenario.language), **fields.get(step.plan.name, {})} for step in moment.steps]
    return json.dumps(steps, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")


def listed_steps(scenario: Scenario, moment: ProjectMoment) -> list[dict[str, object]]:
    """The steps as ListProjects gives them, without their details."""
    return [{**_community_step(step, scenario.language), "stepInfo": {}} for step in moment.steps]


def utc_text(moment: float | None) -> str | None:
    """Simulated epoch seconds as OMS writes a time: UTC, to the second, without an offset."""
    return None if moment is None else datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%dT%H:%M:%S")


def _community_step(step: StepMoment, language: str) -> dict[str, object]:
    english, chinese, shape = KINDS[step.plan.name]
    return {
        "order": step.plan.order,
        "name": step.plan.name,
        "description": chinese if language == "zh" else english,
        "status": step.status,
        "extraInfo": _extra_info(step),
        "startTime": utc_text(step.started_at),
        "finishTime": utc_text(step.finished_at),
        "progress": int(step.progress),
        "stepInfo": _INFO[shape](step),
    }


def _cloud_step(step: StepMoment, language: str) -> dict[str, object]:
    """Numbers as strings, milliseconds in times, details as a JSON text, absent where there are none."""
    written = _community_step(step, language)
    info = written["stepInfo"]
    if isinstance(info, dict):
        texts = {key: None if value is None else str(value) for key, value in info.items()}
        info = json.dumps({**texts, **_cloud_overview(step)}, separators=(",", ":"))
    times = {key: f"{written[key]}.000" if written[key] else "null" for key in ("startTime", "finishTime")}
    extra = written["extraInfo"] if step.failed_at else {}
    shown = {**written, **times, "order": str(step.plan.order), "progress": str(written["progress"])}
    return {**shown, "extraInfo": extra, "stepInfo": info if info is not None else {}}


def _cloud_overview(step: StepMoment) -> dict[str, object]:
    if KINDS[step.plan.name][2] is not Shape.COPY or step.started_at is None:
        return {}
    done = round(step.plan.records * step.progress / 100)
    left = (step.plan.records - done) / step.records_per_s if step.records_per_s else 0
    overview = {
        "estimatedTotalCount": step.plan.records,
        "finishedCount": done,
        "estimatedRemainingTimeOfSec": round(left),
        "progress": int(step.progress),
    }
    found = round(step.plan.inconsistencies * max(0.0, step.progress - 60) / 40)
    verdict = {"inconsistencies": found, "validated": step.progress >= 100, "skipped": False}
    verified = verdict if step.plan.name == "FULL_VALIDATION" else {}
    return {"connectorFullProgressOverview": overview, **verified}


def _extra_info(step: StepMoment) -> dict[str, object]:
    """All fields are null until something failed; the time of a failure stays when the step has recovered."""
    failure = step.failure
    return {
        "errorDetails": [failure.detail()] if failure else None,
        "errorCode": failure.code if failure else None,
        "errorMsg": failure.filled() if failure else None,
        "errorParam": dict(failure.params) if failure else None,
        "failedTime": utc_text(step.failed_at),
    }


def _no_info(step: StepMoment) -> None:
    return None


def _copy_info(step: StepMoment) -> dict[str, object]:
    if step.started_at is None:
        return dict.fromkeys(COPY_FIELDS)
    rps = round(step.records_per_s)
    rt = max(1, round(RPS_REFERENCE / rps / 8)) if rps else 0
    return {
        "processedRecords": int(step.plan.records * step.progress / 100),
        "capacity": step.plan.records,
        "srcRps": rps,
        "srcRt": rt,
        "srcIops": rps * BYTES_PER_RECORD,
        "dstRps": rps,
        "dstRt": rt,
        "dstIops": rps * BYTES_PER_RECORD,
        "srcRpsRef": RPS_REFERENCE,
        "srcRtRef": 1,
        "dstRpsRef": RPS_REFERENCE,
        "dstRtRef": 1,
        "srcIopsRef": IOPS_REFERENCE,
    }


def _sync_info(step: StepMoment) -> dict[str, object]:
    if step.started_at is None:
        return dict.fromkeys(SYNC_FIELDS)
    return dict(zip(SYNC_FIELDS, (step.checkpoint, step.sampled_at, True), strict=True))


def _reverse_info(step: StepMoment) -> dict[str, object] | None:
    return None if step.started_at is None else _sync_info(step)


def _switch_info(step: StepMoment) -> dict[str, object]:
    return {"checkpointSampleTimestamp": step.sampled_at}


_INFO: Mapping[Shape, Callable[[StepMoment], dict[str, object] | None]] = MappingProxyType(
    {
        Shape.NONE: _no_info,
        Shape.COPY: _copy_info,
        Shape.SYNC: _sync_info,
        Shape.REVERSE: _reverse_info,
        Shape.SWITCH: _switch_info,
    }
)
