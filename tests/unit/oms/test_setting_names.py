"""A setting is named as that of the server that it belongs to."""

import pytest

from omsbot.domain.events import Event, EventKind, Evidence
from omsbot.domain.project.oms_error import KIND_FACTS, OmsError, OmsErrorKind
from omsbot.domain.project.setting_names import setting_name
from omsbot.oms.wire.answer import Answer
from omsbot.oms.wire.reading import steps_in
from omsbot.slack.words.event_details import details

PAGE = b"<html><title>Sign in</title><form>"


def test_only_the_default_server_has_variables() -> None:
    assert setting_name("default", "password") == "OMSBOT_OMS_PASSWORD"
    assert setting_name("prod", "password") == "[oms.prod] password"


@pytest.mark.parametrize("kind", OmsErrorKind)
def test_what_to_do_names_no_setting_of_another_server(kind: OmsErrorKind) -> None:
    said = KIND_FACTS[kind].what_to_do("prod")
    assert "OMSBOT_" not in said
    assert "{" not in said


@pytest.mark.parametrize("status", [200, 302, 401, 403, 404, 405, 407, 408, 418, 429, 500, 504])
@pytest.mark.parametrize("location", [None, "https://oms.example.com:8089/x"])
def test_no_failed_answer_names_a_setting_of_another_server(status: int, location: str | None) -> None:
    answer = Answer(PAGE, status, "text/html", 1, location=location, url_setting="[oms.prod] url")
    with pytest.raises(OmsError) as caught:
        steps_in(answer)
    assert "OMSBOT_" not in caught.value.text
    assert "{url_setting}" not in caught.value.text


@pytest.mark.parametrize(
    ("server", "name"), [("prod", "[oms.prod] password"), (None, "OMSBOT_OMS_PASSWORD")], ids=str
)
def test_an_alert_names_the_settings_of_its_server(server: str | None, name: str) -> None:
    evidence = Evidence(since_at=1, error_kind="unauthorized", error_text="rejected", server=server)
    event = Event(EventKind.SERVER_REJECTS_LOGIN, 2, evidence=evidence)
    said = " ".join(str(span) for line in details(event, now=3) for span in line)
    assert name in said
