"""Prepared answers of DescribeProjectSteps: about 4 kB, in the mix that a fleet of migrations gives.

A project is at a stage of its migration and has a set of counters; both are chosen from what was encoded
at the start, so that an answer costs no JSON while the load runs.
"""

import json
from typing import Any

COUNTERS = 64  # sets of counters: more than a project shows between two stages
CHANGED = 0.30
MOVED = 0.01

NAMES = (
    ("TRANSFER_PRECHECK", "Precheck"),
    ("STRUCT_TRANSFER", "Schema migration"),
    ("TRANSFER_INCR_LOG_PULL", "Incremental log pull"),
    ("FULL_TRANSFER", "Full migration"),
    ("INDEX_TRANSFER", "Index migration"),
    ("INCR_TRANSFER", "Incremental synchronization"),
    ("FULL_VERIFIER", "Full verification"),
    ("TRANSFER_APP_SWITCH", "Forward switchover"),
    ("REVERSE_INCR_TRANSFER", "Reverse incremental synchronization"),
)
N, R, F, X, M = "INIT", "RUNNING", "FINISHED", "FAILED", "MONITORING"
# the stages that a project goes through, round and round: a step or two change from each to the next
STAGES = (
    (F, F, M, R, N, N, N, N, N),
    (F, F, M, X, N, N, N, N, N),
    (F, F, M, F, R, N, N, N, N),
    (F, F, M, F, F, M, R, N, N),
)
FAILED = 1


def prepare() -> tuple[tuple[bytes, ...], ...]:
    """Encode the steps of every stage with every set of counters."""
    return tuple(
        tuple(json.dumps(_steps(stage, number), separators=(",", ":")).encode() for number in range(COUNTERS))
        for stage in STAGES
    )


HEAD = (
    b'{"success":true,"errorDetail":null,"code":null,"message":null,"advice":null,"requestId":"'
    b'7d0f2c55-1f7e-4c5e-9d52-%012d","pageNumber":null,"pageSize":null,"totalCount":null,'
    b'"cost":"%d ms","data":'
)


def body(steps: bytes, number: int) -> bytes:
    """The whole answer; `number` is the request's, so that its id and its cost differ each time."""
    return HEAD % (number, 2 + number % 9) + steps + b"}"


def _steps(stage: tuple[str, ...], number: int) -> list[dict[str, Any]]:
    return [
        _step(order, name, description, status, number)
        for order, ((name, description), status) in enumerate(zip(NAMES, stage, strict=True), start=1)
    ]


def _step(order: int, name: str, description: str, status: str, number: int) -> dict[str, Any]:
    begun = status != N
    return {
        "order": order,
        "name": name,
        "description": description,
        "status": status,
        "extraInfo": _error() if status == X else dict.fromkeys(_error()),
        "startTime": f"2023-11-14T22:1{order % 10}:05" if begun else None,
        "finishTime": f"2023-11-14T22:1{order % 10}:35" if status == F else None,
        "progress": 100 if status in {F, M} else (40 + number // 8 if begun else 0),
        "stepInfo": _info(name, number if begun else None),
    }


def _error() -> dict[str, Any]:
    text = "3 of 41 tables cannot be written: the target refuses the connection of the migration's user."
    detail = {
        "code": "CONNECTOR-BENC0004",
        "level": "ERROR",
        "message": text,
        "reason": "The password of the user was changed on the target.",
        "proposal": "Set the new password in the data source, and start the step again.",
    }
    return {
        "errorDetails": [detail],
        "errorCode": detail["code"],
        "errorMsg": text,
        "errorParam": {"tables": "3"},
        "failedTime": "2023-11-14T22:30:00",
    }


def _info(name: str, number: int | None) -> dict[str, Any] | None:
    """The figures of a step; `number` chooses the set of counters, None before the step has begun."""
    at = None if number is None else number * 1_117
    if name in {"FULL_TRANSFER", "FULL_VERIFIER"}:
        figures: dict[str, Any] = {
            "processedRecords": 4_050_000 + (at or 0),
            "capacity": 8_100_000,
            "srcRps": 7_500 + (at or 0) % 331,
            "srcRt": 6,
            "srcIops": 2_190_000 + (at or 0),
            "dstRps": 7_400 + (at or 0) % 331,
            "dstRt": 8,
            "dstIops": 2_180_000 + (at or 0),
            "srcRpsRef": 8_000,
            "srcRtRef": 1,
            "dstRpsRef": 7_000,
            "dstRtRef": 2,
            "srcIopsRef": 8_388_608,
        }
        return figures if at is not None else dict.fromkeys(figures)
    if name in {"INCR_TRANSFER", "REVERSE_INCR_TRANSFER"}:
        return {
            "incrTimestampCheckpoint": None if at is None else 1_700_000_000 + at,
            "checkpointSampleTimestamp": None if at is None else 1_700_000_007 + at,
            "enableIncrStatistics": None if at is None else True,
        }
    return {"checkpointSampleTimestamp": None} if name == "TRANSFER_APP_SWITCH" else None
