"""`omsbot doctor`: everything that the bot needs, checked at once, each check whatever the others found."""

import argparse
import asyncio
import os
import sys
from collections.abc import Awaitable, Iterator, Sequence
from pathlib import Path

from omsbot.cli.doctor_database import examine_database
from omsbot.cli.doctor_oms import examine_oms
from omsbot.cli.doctor_slack import examine_slack
from omsbot.cli.findings import Colour, Examination, Finding, green, red, yellow
from omsbot.config import Settings, examine

CHECK_SECONDS = 18.0
CLOCK_TOLERANCE_S = 30.0


def doctor(_asked: argparse.Namespace) -> int:
    """Print one line for each check; 1 if something is red."""
    settings, problems = examine(environ=os.environ, cwd=Path.cwd())
    coloured = sys.stdout.isatty() and not os.environ.get("NO_COLOR")
    status = 0
    for finding in _settings_findings(settings, problems):
        print(finding.line(coloured=coloured), flush=True)
        status = max(status, int(finding.colour is Colour.RED))
    for finding in asyncio.run(_examine(settings)):
        print(finding.line(coloured=coloured), flush=True)
        status = max(status, int(finding.colour is Colour.RED))
    return status


def _settings_findings(settings: Settings, problems: Sequence[str]) -> Iterator[Finding]:
    source = f"{settings.config_file} and the environment" if settings.config_file else "the environment"
    if not problems:
        yield green("settings", f"read from {source}; OMS servers: {', '.join(sorted(settings.servers))}")
    for problem in problems:
        fact, _, mend = problem.partition(": ")
        yield red("settings", fact, mend)
    for warning in settings.warnings:
        yield yellow("settings", warning)


async def _examine(settings: Settings) -> list[Finding]:
    checks = [("database", examine_database(settings.database_url)), ("slack", examine_slack(settings))]
    checks += [(f"oms {server.name}", examine_oms(server)) for server in settings.servers.values()]
    examined = await asyncio.gather(*(bounded(subject, check) for subject, check in checks))
    findings = [finding for examination in examined for finding in examination.findings]
    skews = {
        subject: examination.clock_ahead_s
        for (subject, _), examination in zip(checks, examined, strict=True)
        if examination.clock_ahead_s is not None
    }
    return [*findings, *clock_findings(skews)]


async def bounded(
    subject: str, check: Awaitable[Examination], *, seconds: float = CHECK_SECONDS
) -> Examination:
    """Await a check; one that hangs or breaks becomes a finding of its own."""
    try:
        return await asyncio.wait_for(check, seconds)
    except TimeoutError:
        late = red(subject, f"no answer within {seconds:g} s", "check the network path and its firewalls")
        return Examination((late,))
    except Exception as error:  # noqa: BLE001 - the other checks go on, and this one says that it broke
        return Examination((red(subject, f"the check itself broke ({error!r})", "report this as a bug"),))


def clock_findings(skews: dict[str, float]) -> Iterator[Finding]:
    """Yield what the others' clocks say of ours; `skews` are the seconds that we are ahead of each."""
    if not skews:
        yield yellow("clock", "not compared, as nobody who could say the time answered")
    for subject, ahead in skews.items():
        if abs(ahead) > CLOCK_TOLERANCE_S:
            way = "ahead of" if ahead > 0 else "behind"
            text = f"this machine is {abs(ahead):.0f} s {way} {subject}, so ages and times are off by that"
            yield yellow("clock", text, "keep both machines' clocks right with NTP")
    if skews and all(abs(ahead) <= CLOCK_TOLERANCE_S for ahead in skews.values()):
        yield green("clock", f"agrees with {', '.join(skews)}")
