"""Classes every way in which a connection to OMS can fail, before or instead of an answer."""

from typing import NamedTuple

import aiohttp
import httpx

from omsbot.domain.masking import clean, mask, shorten
from omsbot.domain.project.oms_error import OmsError, OmsErrorKind
from omsbot.oms.server import OmsServer


class _Facts(NamedTuple):
    error: type[Exception]
    kind: OmsErrorKind
    sentence: str


# The first row whose class fits decides, so a class stands above those that it is derived from.
_FAILURES = (
    _Facts(
        aiohttp.ClientConnectorCertificateError,
        OmsErrorKind.UNREACHABLE,
        "the TLS certificate of {address} is not trusted ({reason}): {mend}",
    ),
    _Facts(
        aiohttp.ClientSSLError,
        OmsErrorKind.UNREACHABLE,
        "TLS with {address} failed ({reason}): check whether the server speaks https there",
    ),
    _Facts(
        aiohttp.ClientConnectorDNSError,
        OmsErrorKind.UNREACHABLE,
        "the host name of {address} is not known here ({reason})",
    ),
    _Facts(
        aiohttp.ConnectionTimeoutError,
        OmsErrorKind.UNREACHABLE,
        "no connection to {address} within {connect_timeout_s:g} s",
    ),
    _Facts(
        TimeoutError,
        OmsErrorKind.TIMEOUT,
        "no complete answer from {address} within {deadline_s:g} s",
    ),
    _Facts(
        aiohttp.ClientConnectorError,
        OmsErrorKind.UNREACHABLE,
        "{address} takes no connection ({reason})",
    ),
    _Facts(
        aiohttp.ClientConnectionError,
        OmsErrorKind.UNREACHABLE,
        "{address} closed the connection before it answered",
    ),
    _Facts(
        aiohttp.ClientPayloadError,
        OmsErrorKind.MALFORMED,
        "the answer of {address} breaks off: the connection ended first",
    ),
    _Facts(
        aiohttp.ClientResponseError,
        OmsErrorKind.MALFORMED,
        "what answers at {address} does not speak HTTP: check http or https, and the port",
    ),
)
_ANYTHING_ELSE = _Facts(Exception, OmsErrorKind.UNREACHABLE, "the connection to {address} failed ({reason})")

# All that the libraries below raise for a connection; anything else is a mistake of ours.
CONNECTION_ERRORS = (httpx.HTTPError, httpx.InvalidURL, aiohttp.ClientError, OSError)


def oms_error(
    error: Exception, server: OmsServer, *, connect_timeout_s: float, deadline_s: float
) -> OmsError:
    """Return what a failed connection means to an operator."""
    cause = _cause(error)
    facts = next((facts for facts in _FAILURES if isinstance(cause, facts.error)), _ANYTHING_ELSE)
    return OmsError(
        facts.kind,
        facts.sentence.format(
            address=server.address,
            reason=_reason(cause),
            mend=_certificate_mend(cause, server),
            connect_timeout_s=connect_timeout_s,
            deadline_s=deadline_s,
        ),
    )


def was_dropped(error: Exception) -> bool:
    """Return whether the server closed a connection that was open, without a word of an answer."""
    cause = _cause(error)
    return isinstance(cause, (aiohttp.ServerDisconnectedError, aiohttp.ClientOSError)) and not isinstance(
        cause, aiohttp.ClientConnectorError
    )


def _cause(error: Exception) -> BaseException:
    # The transport translates some of aiohttp's errors into less telling ones of httpx.
    return error.__cause__ if isinstance(error, httpx.HTTPError) and error.__cause__ else error


def _verify_message(cause: BaseException) -> str:
    """Return why a certificate was refused, empty where it was not the certificate."""
    if not isinstance(cause, aiohttp.ClientConnectorCertificateError):
        return ""
    return str(getattr(cause.certificate_error, "verify_message", ""))


def _certificate_mend(cause: BaseException, server: OmsServer) -> str:
    told = _verify_message(cause).lower()
    if "expired" in told:
        return "give the OMS server a new one"
    if "mismatch" in told:
        return f"set {server.setting('url')} to a name that the certificate is for"
    return f"set {server.setting('ca_file')} to the file of the CA that signed it"


def _reason(cause: BaseException) -> str:
    os_error = getattr(cause, "os_error", None)
    told = os_error.strerror if isinstance(os_error, OSError) else None
    reason = _verify_message(cause) or told or str(cause) or type(cause).__name__
    return shorten(mask(clean(" ".join(reason.split()))), 200)
