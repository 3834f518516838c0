"""Subjects as the tables hold them."""

import pytest

from omsbot.db.codec import UnreadableRecord
from omsbot.db.subjects import key_of, scope_key, scope_of, subject_of
from omsbot.domain.project.subject import Project, Server, Subject


@pytest.mark.parametrize(("subject", "key"), [(Project(12), "p:12"), (Server("prod"), "s:prod")], ids=str)
def test_a_subject_comes_back_as_it_was_stored(subject: Subject, key: str) -> None:
    assert key_of(subject) == scope_key(subject) == key
    assert subject_of(key) == scope_of(key) == subject


def test_a_silence_over_all_has_a_key_that_no_subject_has() -> None:
    assert scope_of(scope_key(None)) is None


@pytest.mark.parametrize("key", ["", "p:", "p:x", "s:", "q:1", "12", "P:1"])
def test_what_is_no_subject_is_refused(key: str) -> None:
    with pytest.raises(UnreadableRecord, match="neither p:ID nor s:NAME"):
        subject_of(key)
