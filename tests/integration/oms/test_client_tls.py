"""TLS: always verified, with a private CA where one is set."""

import ssl
from pathlib import Path

import pytest

from omsbot.domain.project.oms_error import OmsErrorKind
from omsbot.oms.client import OmsClient, OmsServer
from tests.integration.oms.asking import NOW, answering, asking, failure
from tests.integration.oms.servers import make_certificate, serving


async def test_a_private_certificate_is_trusted_with_its_ca_file(tmp_path: Path) -> None:
    ca_file, tls = make_certificate(tmp_path, "127.0.0.1")
    async with serving(answering(), tls) as url, asking(url, ca_file=ca_file) as client:
        assert (await client.steps("np_x")).steps


async def test_a_private_certificate_is_refused_without_its_ca_file(tmp_path: Path) -> None:
    _, tls = make_certificate(tmp_path, "127.0.0.1")
    async with serving(answering(), tls) as url:
        error = await failure(url)
        named = await failure(url, name="prod")
    assert error.kind is OmsErrorKind.UNREACHABLE
    assert "is not trusted (self-signed certificate): set OMSBOT_OMS_CA_FILE to" in error.text
    assert "set [oms.prod] ca_file to" in named.text


async def test_a_certificate_for_another_name_is_refused(tmp_path: Path) -> None:
    ca_file, tls = make_certificate(tmp_path, "oms.example.com")
    async with serving(answering(), tls) as url:
        error = await failure(url, ca_file=ca_file)
    assert "set OMSBOT_OMS_URL to a name that the certificate is for" in error.text


async def test_https_to_a_port_that_speaks_http_is_told() -> None:
    async with serving(answering()) as url:
        error = await failure(url.replace("http:", "https:"))
    assert error.kind is OmsErrorKind.UNREACHABLE
    assert "check whether the server speaks https there" in error.text


async def test_http_to_a_port_that_speaks_https_is_told(tmp_path: Path) -> None:
    _, tls = make_certificate(tmp_path, "127.0.0.1")
    async with serving(answering(), tls) as url:
        error = await failure(url.replace("https:", "http:"))
    assert error.kind in (OmsErrorKind.UNREACHABLE, OmsErrorKind.MALFORMED)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, "OMSBOT_OMS_CA_FILE names a file that cannot be read"),
        ("no pem", "without a certificate in PEM format"),
    ],
    ids=["missing", "no_certificate"],
)
async def test_a_ca_file_that_is_none_is_refused_at_once(
    tmp_path: Path, content: str | None, words: str
) -> None:
    ca_file = tmp_path / "ca.pem"
    if content is not None:
        ca_file.write_text(content)
    with pytest.raises(ValueError, match=words):
        OmsClient(OmsServer("default", "https://oms", "u", "p", ca_file), clock=lambda: NOW)


def test_certificates_are_always_verified() -> None:
    client = OmsClient(OmsServer("default", "https://oms", "u", "p"), clock=lambda: NOW)
    assert client._tls.verify_mode is ssl.CERT_REQUIRED
    assert client._tls.check_hostname
