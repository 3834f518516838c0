import pytest

from omsbot.domain.project.oms_error import KIND_FACTS, OmsError, OmsErrorKind


@pytest.mark.parametrize("kind", OmsErrorKind)
def test_every_kind_of_error_says_what_it_is_and_what_to_do(kind: OmsErrorKind) -> None:
    error = OmsError(kind, "the reason")
    assert str(error) == f"{KIND_FACTS[kind].title}: the reason"
    assert error.facts.what_to_do("prod").endswith(".")
    assert not error.facts.title.endswith(".")


def test_an_error_carries_what_oms_said() -> None:
    error = OmsError(OmsErrorKind.TIMEOUT, "too long", request_id="r1", retry_after_s=2.5)
    assert (error.text, error.request_id, error.retry_after_s, error.detail) == ("too long", "r1", 2.5, None)
