"""`omsbot steps`: one question to OMS, answered in the terminal."""

import argparse
import asyncio
import json
import os
from dataclasses import asdict
from pathlib import Path
from typing import Any

from omsbot.bot.grammar.refs import parse_ref
from omsbot.cli.problems import CommandProblem
from omsbot.config import ServerSettings, Settings, load
from omsbot.domain.project.oms_error import OmsError
from omsbot.domain.project.project import ProjectRef
from omsbot.domain.views import ProjectView
from omsbot.oms.client import OmsClient
from omsbot.runtime.oms_clients import client_of, now_ms
from omsbot.slack.messages.steps import steps_terminal


def steps(asked: argparse.Namespace) -> int:
    """Print a project's steps as a table, or as JSON."""
    settings = load(environ=os.environ, cwd=Path.cwd(), need_slack=False)
    ref = _ref(asked.ref, settings)
    view = asyncio.run(_ask(settings.servers[ref.server], ref))
    print(_as_json(view) if asked.json else steps_terminal(view, now=now_ms()).rstrip())
    return 0


def _ref(text: str, settings: Settings) -> ProjectRef:
    try:
        ref = parse_ref(text, default_server=settings.default_server, servers=settings.console_hosts())
    except ValueError as error:
        raise CommandProblem(str(error)) from None
    if ref.server not in settings.servers:
        known = ", ".join(sorted(settings.servers))
        raise CommandProblem(f"no OMS server is named {ref.server!r}; the settings name {known}")
    return ref


async def _ask(server: ServerSettings, ref: ProjectRef) -> ProjectView:
    client = client_of(server)
    try:
        snapshot, name = await asyncio.gather(client.steps(ref.oms_id), _name(client, ref))
    finally:
        await client.close()
    return ProjectView(ref, name=name, snapshot=snapshot, console_link=server.console_link(ref.oms_id))


async def _name(client: OmsClient, ref: ProjectRef) -> str | None:
    """Find the project's name, which the steps do not say; without it the answer is still one."""
    try:
        page = await client.projects(search=ref.oms_id, page_size=10)
    except OmsError:
        return None
    return next((project.name for project in page.projects if project.ref.oms_id == ref.oms_id), None)


def _as_json(view: ProjectView) -> str:
    """Return the view as JSON; names as in `domain.project.project`, times epoch milliseconds."""
    snapshot = view.snapshot
    steps: list[dict[str, Any]] = []
    if snapshot:
        for key, step in snapshot.keyed():
            steps.append(
                {"key": key, "label": step.label, "kind": step.kind, **asdict(step), "lag_s": step.lag_s}
            )
    document = {
        "server": view.ref.server,
        "id": view.ref.oms_id,
        "name": view.name,
        "console_link": view.console_link,
        "observed_at": snapshot.observed_at if snapshot else None,
        "server_at": snapshot.server_at if snapshot else None,
        "request_id": snapshot.request_id if snapshot else None,
        "steps": steps,
    }
    return json.dumps(document, indent=2, ensure_ascii=False)
