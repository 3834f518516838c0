"""The envelope around every answer of OMS, and the errors that it reports.

A failed call is an answer with `success: false` (HTTP 200, but for a bad credential); `code`, `message` and
`advice` repeat what stands in `errorDetail`, as servers do for their older clients.
"""

import json
from dataclasses import dataclass
from uuid import uuid4

from omsbot.sandbox.scenarios.failures import OmsFailure
from omsbot.sandbox.scenarios.plan import Flavour


@dataclass(frozen=True, slots=True)
class Page:
    """Where a list answer stands in the whole."""

    number: int
    size: int
    total: int


def success(data: bytes, *, flavour: Flavour = Flavour.COMMUNITY, page: Page | None = None) -> bytes:
    """A successful answer around encoded data."""
    if flavour is Flavour.CLOUD:
        return _cloud_head() + data + b"}"
    head: dict[str, object] = {
        "success": True,
        "errorDetail": None,
        "code": None,
        "message": None,
        "advice": None,
        "requestId": str(uuid4()),
        "pageNumber": page.number if page else None,
        "pageSize": page.size if page else None,
        "totalCount": page.total if page else None,
        "cost": "4 ms",
    }
    return json.dumps(head, separators=(",", ":")).encode()[:-1] + b',"data":' + data + b"}"


def _cloud_head() -> bytes:
    """PascalCase keys, success as a text, and a code left over from an earlier call."""
    head = {
        "Success": "true",
        "ErrorDetail": None,
        "Code": "GHANA-OPERAT000001\n",
        "Message": "null",
        "RequestId": str(uuid4()).upper(),
        "Cost": "1",
    }
    return json.dumps(head, separators=(",", ":")).encode()[:-1] + b',"Data":'


def refusal(failure: OmsFailure, *, code: str | None = "") -> bytes:
    """A failed call; `code` replaces the top-level code, None leaves it null."""
    shown = failure.code if code == "" else code
    answer = {
        "success": False,
        "errorDetail": {**failure.detail(), "code": shown},
        "code": shown,
        "message": failure.filled(),
        "advice": failure.proposal,
        "requestId": str(uuid4()),
        "pageNumber": None,
        "pageSize": None,
        "totalCount": None,
        "cost": "1 ms",
        "data": None,
    }
    return json.dumps(answer, ensure_ascii=False, separators=(",", ":")).encode()


def unsupported(action: str) -> bytes:
    return refusal(OmsFailure("", f"Unsupported action: {action}"), code=None)


def bad_parameter(text: str) -> bytes:
    return refusal(OmsFailure("PARAM_ERROR", text, proposal="Check the request parameters."))


def no_such_project(project_id: str) -> bytes:
    return refusal(
        OmsFailure(
            "GHANA-PROJECT000001",
            "[GHANA-PROJECT000001] The project {id} does not exist.",
            proposal="Check the project ID.",
            params={"id": project_id},
        )
    )


def bad_credential() -> bytes:
    return refusal(
        OmsFailure(
            "USER_NAME_OR_PASSWORD_ERROR",
            "The user name or the password is incorrect.",
            proposal="Check the credential; passwords expire after 90 days.",
        )
    )


def forbidden() -> bytes:
    return refusal(
        OmsFailure(
            "OMS_USER_PERMISSION_DENIED_ERROR",
            "The current user has no permission on this project.",
            proposal="Ask an administrator for a role that may see it.",
        )
    )
