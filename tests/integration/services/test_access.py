"""Which channel may ask which server."""

import pytest

from omsbot.domain.project.oms_error import OmsError, OmsErrorKind
from omsbot.domain.project.project import ProjectRef
from omsbot.services.access import Access, refused_by_oms
from omsbot.services.refusal import Refusal

ACCESS = Access({"default": None, "prod": frozenset({"C1"})})


@pytest.mark.parametrize(("channel", "server"), [("C1", "default"), ("C2", "default"), ("C1", "prod")])
def test_a_channel_may_use_a_server_that_is_open_to_all_or_to_it(channel: str, server: str) -> None:
    ACCESS.check(channel, server)


def test_a_channel_that_is_not_named_is_told_who_can_let_it_in() -> None:
    with pytest.raises(Refusal, match="may not use the OMS server `prod`") as refusal:
        ACCESS.check("C2", "prod")
    assert refusal.value.hint is not None
    assert "`C2`" in refusal.value.hint
    assert "[oms.prod]" in refusal.value.hint


def test_a_server_that_does_not_exist_is_answered_with_those_that_do() -> None:
    with pytest.raises(Refusal, match="no OMS server `test`") as refusal:
        ACCESS.check("C2", "test")
    assert refusal.value.hint == "Servers of this channel: `default`."
    with pytest.raises(Refusal) as refusal:
        Access({"prod": frozenset()}).check("C2", "test")
    assert refusal.value.hint == "Servers of this channel: none."


def test_a_refusal_by_oms_is_put_in_words_with_what_to_do() -> None:
    ref = ProjectRef("prod", "np_1")
    gone = refused_by_oms(ref, OmsError(OmsErrorKind.GONE, "no such project"))
    denied = refused_by_oms(ref, OmsError(OmsErrorKind.FORBIDDEN, "no right"))

    assert (gone.text, "/oms projects" in str(gone.hint)) == (
        "OMS does not know a project `prod:np_1`.",
        True,
    )
    assert denied.text == "`prod:np_1`: The bot's OMS user may not see this project: no right."
    assert "ADMIN-VIEWER" in str(denied.hint)
