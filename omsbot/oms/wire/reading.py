"""The wire format of OMS's API: bytes to values, values to bytes, and nothing else.

Source: OMS Community Edition V4.1.1 to V4.2.2, API reference, "DescribeProjectSteps" and "ListProjects"; what
servers send beyond it is read with tolerance, what no server means is refused. How it is cut: `strict_json`
refuses nonsense, `envelope` tells success from failure, `failure` classes failures, `step`,
`error` and `values` read what is inside.
"""

import json
import re
from dataclasses import dataclass

from omsbot.domain.project.oms_error import OmsError
from omsbot.domain.project.project import ProjectRef, ProjectSummary, Snapshot, Step
from omsbot.oms.wire.answer import Answer
from omsbot.oms.wire.envelope import read_envelope
from omsbot.oms.wire.fields import Fields, as_documented
from omsbot.oms.wire.step import read_objects, read_step_list
from omsbot.oms.wire.strict_json import malformed
from omsbot.oms.wire.values import count, word

MAX_PAGE_SIZE = 150


@dataclass(frozen=True, slots=True)
class ProjectPage:
    """One page of `ListProjects`; `total` counts the projects of all pages, None where OMS does not say."""

    projects: tuple[ProjectSummary, ...]
    total: int | None


@dataclass(frozen=True, slots=True)
class Unchanged:
    """An answer that says what another one said, but for what differs in every answer."""

    observed_at: int


# OMS numbers every answer and says how long it took
_OF_THE_ANSWER = re.compile(rb'"(?:requestId|cost)"\s*:\s*(?:"[^"\\]*"|[0-9.]+)')


def digest_of(answer: Answer) -> int | None:
    """Return a number that is equal, in this process, for answers that say the same; None: not to be
    compared.
    """
    return hash(_OF_THE_ANSWER.sub(b"", answer.body)) if answer.status == 200 else None


def encode_steps_request(oms_id: str) -> bytes:
    """Return the body of a `DescribeProjectSteps` call."""
    return b'{"id": ' + json.dumps(oms_id).encode() + b"}"


def encode_list_request(*, page: int, page_size: int, search: str | None) -> bytes:
    """Return the body of a `ListProjects` call; pages count from 1 and hold 150 projects at most."""
    question: dict[str, object] = {
        "pageNumber": max(1, page),
        "pageSize": max(1, min(MAX_PAGE_SIZE, page_size)),
    }
    if search and search.strip():
        question["searchKey"] = search.strip()
    return json.dumps(question).encode()


def read_steps(
    body: bytes,
    *,
    status: int = 200,
    content_type: str | None = None,
    observed_at: int,
    server_at: int | None = None,
    location: str | None = None,
    retry_after: str | None = None,
) -> Snapshot:
    """Return the snapshot that an answer to `DescribeProjectSteps` holds.

    `body` is decompressed; `location` and `retry_after` are the headers of these names. A successful answer
    without steps is a snapshot without steps. Raises OmsError, and nothing else, for any other answer.
    """
    return steps_in(Answer(body, status, content_type, observed_at, server_at, location, retry_after))


def steps_in(answer: Answer, digest: int | None = None) -> Snapshot:
    """Return the snapshot in an answer, with its digest where that is known; see `read_steps`."""
    fields = read_envelope(answer)
    return Snapshot(
        steps=read_step_list(fields.get("data")),
        observed_at=answer.observed_at,
        server_at=answer.server_at,
        request_id=word(fields.get("requestId")),
        cost=word(fields.get("cost")),
        digest=digest,
    )


def read_projects(
    body: bytes,
    *,
    server: str,
    status: int = 200,
    content_type: str | None = None,
    observed_at: int,
    server_at: int | None = None,
    location: str | None = None,
    retry_after: str | None = None,
) -> ProjectPage:
    """Return the page that an answer to `ListProjects` holds; `server` is the name of the one that was asked.

    Raises OmsError as `read_steps` does. A project whose own steps cannot be read is listed without them.
    """
    answer = Answer(body, status, content_type, observed_at, server_at, location, retry_after)
    return projects_in(answer, server=server)


def projects_in(answer: Answer, *, server: str) -> ProjectPage:
    """Return the page in an answer; see `read_projects`."""
    fields = read_envelope(answer)
    items = read_objects(fields.get("data"), "project")
    return ProjectPage(
        projects=tuple(_read_project(as_documented(item), server) for item in items),
        total=count(fields.get("totalCount")),
    )


def _read_project(fields: Fields, server: str) -> ProjectSummary:
    oms_id = word(fields.get("id"))
    if oms_id is None:
        raise malformed("a project in the answer has no id")
    return ProjectSummary(
        ref=ProjectRef(server, oms_id),
        name=word(fields.get("name")),
        type=word(fields.get("type")),
        status=word(fields.get("status")),
        steps=_read_steps_if_readable(fields),
    )


def _read_steps_if_readable(fields: Fields) -> tuple[Step, ...]:
    try:
        return read_step_list(fields.get("steps"))
    except OmsError:
        return ()
