import json

import pytest

from omsbot.domain.project.oms_error import OmsError, OmsErrorKind
from omsbot.domain.project.project import ProjectRef, ProjectSummary
from omsbot.oms.wire import ProjectPage, encode_list_request, read_projects, read_steps
from tests.unit.oms.answers import STEPS, body, envelope, refusal

PROJECT = {"id": "np_5x1abc", "name": "orders", "type": "MIGRATION", "status": "RUNNING", "steps": STEPS}
SUMMARY = ProjectSummary(
    ref=ProjectRef("prod", "np_5x1abc"),
    name="orders",
    type="MIGRATION",
    status="RUNNING",
    steps=read_steps(body(envelope(STEPS)), observed_at=1).steps,
)


def read(raw: bytes) -> ProjectPage:
    return read_projects(raw, server="prod", status=200, content_type="application/json", observed_at=1)


def test_projects_are_read_with_their_steps() -> None:
    assert read(body(envelope([PROJECT], totalCount=12))) == ProjectPage((SUMMARY,), 12)


def test_one_object_stands_for_a_list_and_a_text_for_a_number() -> None:
    assert read(body(envelope(PROJECT, totalCount="12"))) == ProjectPage((SUMMARY,), 12)


def test_keys_are_read_in_any_case() -> None:
    raw = {"Success": True, "Data": [{"ID": 77, "Name": "n\u202e", "TYPE": None}], "TotalCount": None}
    expected = ProjectSummary(ProjectRef("prod", "77"), "n", None, None)
    assert read(body(raw)) == ProjectPage((expected,), None)


def test_steps_that_cannot_be_read_do_not_hide_their_project() -> None:
    (found,) = read(body(envelope([{**PROJECT, "steps": [{"order": 1}]}]))).projects
    assert found.steps == ()


def test_no_projects_are_an_empty_page() -> None:
    assert read(body(envelope([], totalCount=0))) == ProjectPage((), 0)


def test_a_project_without_an_id_is_malformed() -> None:
    with pytest.raises(OmsError, match="has no id") as caught:
        read(body(envelope([{"name": "orders"}])))
    assert caught.value.kind is OmsErrorKind.MALFORMED


def test_a_refusal_is_an_error_of_its_kind() -> None:
    with pytest.raises(OmsError) as caught:
        read(body(refusal(code="OMS_USER_PERMISSION_DENIED_ERROR")))
    assert caught.value.kind is OmsErrorKind.FORBIDDEN


@pytest.mark.parametrize(
    ("page", "page_size", "search", "question"),
    [
        (1, 50, None, {"pageNumber": 1, "pageSize": 50}),
        (0, 999, "  ", {"pageNumber": 1, "pageSize": 150}),
        (3, 0, ' or"ders ', {"pageNumber": 3, "pageSize": 1, "searchKey": 'or"ders'}),
    ],
    ids=["plain", "clamped", "searched"],
)
def test_the_request_asks_for_a_page(page: int, page_size: int, search: str | None, question: object) -> None:
    assert json.loads(encode_list_request(page=page, page_size=page_size, search=search)) == question
