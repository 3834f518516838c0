from typing import Any

import pytest

from omsbot.oms.server import OmsServer


def server(**fields: Any) -> OmsServer:
    return OmsServer(
        **{"name": "default", "url": "https://oms:8089", "user": "bot", "password": "hunter2", **fields}
    )


@pytest.mark.parametrize(
    ("url", "endpoint"),
    [
        ("https://oms:8089", "https://oms:8089/api/v2"),
        ("https://oms:8089/", "https://oms:8089/api/v2"),
        (" HTTP://oms ", "http://oms/api/v2"),
        ("https://proxy/oms/", "https://proxy/oms/api/v2"),
        ("https://oms/api/v2/", "https://oms/api/v2"),
        ("http://[::1]:8089", "http://[::1]:8089/api/v2"),
    ],
)
def test_the_address_may_come_with_or_without_a_path(url: str, endpoint: str) -> None:
    assert server(url=url).endpoint == endpoint


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"url": "https://bot:hunter2@oms"}, "give these in OMSBOT_OMS_USER and OMSBOT_OMS_PASSWORD"),
        ({"url": "https://bot:hunter2/x@oms"}, "OMSBOT_OMS_URL holds a user or a password"),
        ({"url": "https://bot@oms", "name": "prod"}, r"\[oms.prod\] url holds a user"),
        ({"url": "oms:8089"}, "OMSBOT_OMS_URL is not an address"),
        ({"url": "https://"}, "is not an address"),
        ({"url": "https://oms:port"}, "is not an address"),
        ({"url": "https://[oms"}, "is not an address"),
        ({"url": "https://oms:0"}, "is not an address"),
        ({"url": "ftp://oms"}, "is not an address"),
        ({"url": "https://oms/api/v2?Action=X"}, "drop what begins with"),
        ({"url": "https://oms#x"}, "drop what begins with"),
        ({"user": "a:b"}, "OMSBOT_OMS_USER holds a colon"),
        ({"user": "a:b", "name": "prod"}, r"\[oms.prod\] user holds a colon"),
    ],
)
def test_a_wrong_setting_is_named_and_no_secret_repeated(fields: dict[str, str], words: str) -> None:
    with pytest.raises(ValueError, match=words) as caught:
        server(**fields)
    assert "hunter2" not in str(caught.value)


def test_the_password_is_not_in_the_repr() -> None:
    assert "hunter2" not in repr(server())
