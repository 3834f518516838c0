"""Answers of OMS to read: a whole one as documented, and ways to vary it."""

import json
from typing import Any

NO_ERROR = {"errorDetails": None, "errorCode": None, "errorMsg": None, "errorParam": None, "failedTime": None}

FULL_COPY_INFO = {
    "processedRecords": 40_500,
    "capacity": 81_000,
    "srcRps": 150,
    "srcRt": 6,
    "srcIops": 51_200,
    "dstRps": 140,
    "dstRt": 8,
    "dstIops": 50_100,
    "srcRpsRef": 8000,
    "srcRtRef": 1,
    "dstRpsRef": 7000,
    "dstRtRef": 2,
    "srcIopsRef": 8_388_608,
}

INCREMENTAL_INFO = {
    "incrTimestampCheckpoint": 1_700_000_000,
    "checkpointSampleTimestamp": 1_700_000_007,
    "enableIncrStatistics": True,
}


def step(order: int | None, name: str, status: str = "FINISHED", **fields: Any) -> dict[str, Any]:
    """One step, every documented field in it."""
    return {
        "order": order,
        "name": name,
        "description": f"What {name} is called in the server's language",
        "status": status,
        "extraInfo": dict(NO_ERROR),
        "startTime": "2023-11-14T22:10:05",
        "finishTime": "2023-11-14T22:12:35" if status == "FINISHED" else None,
        "progress": 100 if status == "FINISHED" else 0,
        "stepInfo": None,
        **fields,
    }


def failed(error: dict[str, Any], **fields: Any) -> dict[str, Any]:
    """One failed step with something in its `extraInfo`."""
    return step(4, "FULL_TRANSFER", "FAILED", extraInfo={**NO_ERROR, **error}, **fields)


STEPS = [
    step(1, "TRANSFER_PRECHECK"),
    step(3, "STRUCT_TRANSFER"),
    step(4, "FULL_TRANSFER", "RUNNING", progress=50, stepInfo=FULL_COPY_INFO),
    step(5, "INCR_TRANSFER", "MONITORING", stepInfo=INCREMENTAL_INFO),
    step(6, "FULL_VERIFIER", "INIT", startTime=None, stepInfo=dict.fromkeys(FULL_COPY_INFO)),
    step(7, "TRANSFER_APP_SWITCH", "INIT", startTime=None, stepInfo={"checkpointSampleTimestamp": None}),
]


def envelope(data: Any, **fields: Any) -> dict[str, Any]:
    """A successful envelope, every documented field in it."""
    return {
        "success": True,
        "errorDetail": None,
        "code": None,
        "message": None,
        "advice": None,
        "requestId": "7d0f2c55-1f7e-4c5e-9d52-0a6f6f3b1c11",
        "pageNumber": None,
        "pageSize": None,
        "totalCount": None,
        "cost": "4 ms",
        "data": data,
        **fields,
    }


def refusal(**fields: Any) -> dict[str, Any]:
    """An envelope in which OMS says that the call failed."""
    return envelope(None, success=False, **fields)


def body(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode()
