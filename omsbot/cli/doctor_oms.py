"""Is an OMS server there, does it take the credential, and is its certificate still good for a while?"""

import asyncio
import ssl
import time
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

from omsbot.cli.findings import Examination, Finding, green, red, yellow
from omsbot.config import ServerSettings
from omsbot.domain.project.oms_error import OmsError
from omsbot.runtime.oms_clients import client_of

DAY_S = 86_400
CERTIFICATE_DAYS = 21
PROBE_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Probe:
    """What one plain request tells: days that the certificate is still valid, and how far we are ahead."""

    certificate_days: float | None
    clock_ahead_s: float | None


async def examine_oms(server: ServerSettings) -> Examination:
    """Log in by listing one project, and look at the certificate and the clock."""
    subject = f"oms {server.name}"
    login, probe = await asyncio.gather(_login(subject, server), _probe(server))
    findings = [login]
    if probe and probe.certificate_days is not None:
        findings.append(_certificate(subject, probe.certificate_days))
    return Examination(tuple(findings), probe.clock_ahead_s if probe else None)


async def _login(subject: str, server: ServerSettings) -> Finding:
    try:
        client = client_of(server)
    except ValueError as error:
        return red(subject, str(error), "correct the settings of this server")
    started = time.monotonic()
    try:
        page = await client.projects(page_size=1)
    except OmsError as error:
        return red(subject, f"{server.url}: {error}".rstrip("."), error.facts.what_to_do(server.name))
    finally:
        await client.close()
    took = (time.monotonic() - started) * 1000
    count = "" if page.total is None else f", {page.total} projects seen"
    if page.total == 0:
        return yellow(
            subject,
            f"{server.url} takes the login of {server.user}, but shows it no project",
            "a user of role USER sees only its own projects; ADMIN-VIEWER sees all of them and changes none",
        )
    return green(subject, f"{server.url} takes the login of {server.user}{count} ({took:.0f} ms)")


def _certificate(subject: str, days: float) -> Finding:
    if days < CERTIFICATE_DAYS:
        text = f"its certificate ends in {max(0, days):.0f} days"
        return yellow(subject, text, "renew it; the bot goes blind on the day it ends")
    return green(subject, f"its certificate is good for {days:.0f} days")


async def _probe(server: ServerSettings) -> Probe | None:
    parts = urlsplit(server.url)
    host, https = parts.hostname or "", parts.scheme == "https"
    try:
        context = ssl.create_default_context() if https else None
        if context and server.ca_file:
            context.load_verify_locations(server.ca_file)
        async with asyncio.timeout(PROBE_SECONDS):
            return await _ask(host, parts.port or (443 if https else 80), context)
    except (OSError, ValueError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
        return None  # the login tells what is wrong, in words


async def _ask(host: str, port: int, context: ssl.SSLContext | None) -> Probe:
    reader, writer = await asyncio.open_connection(host, port, ssl=context)
    try:
        name = f"[{host}]" if ":" in host else host
        writer.write(f"HEAD / HTTP/1.1\r\nHost: {name}:{port}\r\nConnection: close\r\n\r\n".encode())
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        certificate = writer.get_extra_info("peercert")
    finally:
        writer.close()
    return Probe(_days_left(certificate), seconds_ahead(_date_of(head), time.time()))


def _days_left(certificate: dict[str, str] | None) -> float | None:
    if not certificate or "notAfter" not in certificate:
        return None
    return (ssl.cert_time_to_seconds(certificate["notAfter"]) - time.time()) / DAY_S


def _date_of(head: str) -> str | None:
    for line in head.split("\r\n"):
        name, _, value = line.partition(":")
        if name.strip().lower() == "date":
            return value.strip()
    return None


def seconds_ahead(date: str | None, now_s: float) -> float | None:
    """Return how far `now_s` is ahead of an HTTP `Date` header; None where there is none to read."""
    if not date:
        return None
    try:
        return now_s - parsedate_to_datetime(date).timestamp()
    except ValueError:
        return None
