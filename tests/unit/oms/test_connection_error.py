"""Failures that a test cannot bring about on loopback."""

import ssl

import aiohttp
import httpx
import pytest
from aiohttp.client_reqrep import ConnectionKey

from omsbot.domain.project.oms_error import OmsError, OmsErrorKind
from omsbot.oms.connection_error import oms_error
from omsbot.oms.server import OmsServer

KEY = ConnectionKey("oms", 8089, True, True, None, None, None)


def told(error: Exception) -> OmsError:
    server = OmsServer("default", "https://oms:8089", "bot", "hunter2")
    return oms_error(error, server, connect_timeout_s=3.0, deadline_s=15.0)


def test_an_expired_certificate_is_the_servers_to_renew() -> None:
    cause = ssl.SSLCertVerificationError(1, "certificate verify failed")
    cause.verify_message = "certificate has expired"
    error = told(aiohttp.ClientConnectorCertificateError(KEY, cause))
    assert error.kind is OmsErrorKind.UNREACHABLE
    assert error.text.startswith("the TLS certificate of oms:8089 is not trusted (certificate has expired)")
    assert error.text.endswith("give the OMS server a new one")


def test_a_certificate_error_without_a_reason_points_to_the_ca_file() -> None:
    error = told(aiohttp.ClientConnectorCertificateError(KEY, ssl.CertificateError("odd")))
    assert "set OMSBOT_OMS_CA_FILE to" in error.text


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (OSError("odd\nthing at http://u:hunter2@h"), "(odd thing at http://***@h)"),
        (httpx.PoolTimeout(""), "(PoolTimeout)"),
        (aiohttp.InvalidURL("x", "odd"), "(x - odd)"),
    ],
    ids=["os", "httpx", "aiohttp"],
)
def test_anything_else_is_unreachable_with_its_reason(error: Exception, words: str) -> None:
    found = told(error)
    assert found.kind is OmsErrorKind.UNREACHABLE
    assert words in found.text


def test_the_systems_own_timeout_is_a_timeout() -> None:
    assert told(TimeoutError("timed out")).kind is OmsErrorKind.TIMEOUT
