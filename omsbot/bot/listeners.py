"""What comes in from Slack: acknowledged at once, then worked on in a task that a shutdown waits for.

Bolt's own tasks are tracked by nobody, and it retries nothing: whatever fails after the acknowledgement is
logged under an id that the person is told.
"""

import logging
import re
from collections.abc import Awaitable, Callable, Collection, Mapping
from typing import Any, Protocol

from slack_bolt.app.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_sdk.web.async_client import AsyncWebClient

from omsbot.bot.answers.changes import Changes
from omsbot.bot.answers.charts import Pictures
from omsbot.bot.answers.deadlines import DeadlineCommands
from omsbot.bot.answers.questions import Questions
from omsbot.bot.answers.readiness import ReadinessQuestions
from omsbot.bot.buttons import Buttons, Press
from omsbot.bot.commands import Answers
from omsbot.bot.failures import attend
from omsbot.bot.gate import Gate, KnowsChannels
from omsbot.bot.membership import EVENTS, KnowsLogin, Membership, Recent
from omsbot.bot.replies import Person, Reply, Respond
from omsbot.bot.slash import SlashCommands
from omsbot.domain.project.project import DEFAULT_SERVER
from omsbot.services.charts.charts import Charts
from omsbot.services.charts.ports import Uploader
from omsbot.services.notify.ports import Poster
from omsbot.services.requests.control import Control
from omsbot.services.requests.deadlines import Deadlines
from omsbot.services.requests.queries import Queries
from omsbot.services.requests.readiness import Judge
from omsbot.services.tasks import Tasks
from omsbot.slack.api.scopes import COMMAND

log = logging.getLogger(__name__)

ANY = re.compile("")


def bolt_app(token: str, base_url: str) -> AsyncApp:
    """A Bolt app that acknowledges without a call to Slack.

    Bolt's own way asks auth.test before the first acknowledgement, once for each request that waits for it:
    a slow Slack or a burst would cost the 3 seconds that a person has. What comes over our own authenticated
    connection needs no more proof.
    """

    async def authorize(enterprise_id: str | None, team_id: str | None) -> AuthorizeResult:
        return AuthorizeResult(enterprise_id=enterprise_id, team_id=team_id, bot_token=token)

    client = AsyncWebClient(base_url=base_url)
    # without a logger of ours Bolt would take the root's level, and tell every request it has no listener for
    return AsyncApp(client=client, authorize=authorize, logger=logging.getLogger("slack_bolt"))


class Slack(Poster, Uploader, KnowsChannels, KnowsLogin, Protocol):
    """What answering needs of Slack."""


def register(
    app: AsyncApp,
    *,
    control: Control,
    queries: Queries,
    charts: Charts,
    deadlines: Deadlines,
    judge: Judge,
    notifier: Slack,
    tasks: Tasks,
    servers: Mapping[str, str],
    default_server: str | None,
    shared_channels: Collection[str],
    clock: Callable[[], int],
    new_id: Callable[[], str],
    on_revoked: Callable[[str], Awaitable[None]],
) -> None:
    """Connect the commands, buttons and events of a Bolt app.

    `servers` maps each OMS server to its console's `host` or `host:port`, `default_server` is where bare ids
    are (None: nowhere); `clock` gives ms; `new_id` gives unique ids; `on_revoked` is called when the
    workspace took the bot's token away.
    """
    gate = Gate(notifier, shared_channels=shared_channels, clock=clock)
    questions = Questions(
        queries, gate, default_server=default_server or DEFAULT_SERVER, clock=clock, new_id=new_id
    )
    changes = Changes(control, notifier, gate, clock=clock, new_id=new_id)
    pictures = Pictures(charts, notifier, gate, clock=clock)
    readiness = ReadinessQuestions(judge, gate, clock=clock)
    answers = Answers(questions, changes, pictures, DeadlineCommands(deadlines, gate, clock=clock), readiness)
    slash = SlashCommands(answers, servers=servers, default_server=default_server)
    membership = Membership(control, notifier, gate, clock=clock, on_revoked=on_revoked)
    _listen_to_commands(app, slash, tasks, new_id)
    _listen_to_buttons(app, Buttons(questions, changes, readiness), tasks, new_id)
    _listen_to_events(app, membership, tasks)


def _listen_to_commands(app: AsyncApp, slash: SlashCommands, tasks: Tasks, new_id: Callable[[], str]) -> None:
    async def command(ack: AsyncAck, body: dict[str, Any], respond: Respond) -> None:
        await ack()
        text = body.get("text") or ""
        person = Person(body["user_id"], body["channel_id"], body.get("team_id") or "")
        reply = Reply(respond)
        tasks.spawn(attend(lambda: slash.answer(text, person, reply), reply, new_id))

    app.command(COMMAND)(command)


def _listen_to_buttons(app: AsyncApp, buttons: Buttons, tasks: Tasks, new_id: Callable[[], str]) -> None:
    async def button(ack: AsyncAck, body: dict[str, Any], respond: Respond) -> None:
        await ack()
        press = _press(body)
        if press is not None:
            reply = Reply(respond)
            tasks.spawn(attend(lambda: buttons.pressed(press, reply), reply, new_id))

    # every action: one without a listener, such as a link's, would show a warning to the one who pressed it
    app.action(ANY)(button)


def _listen_to_events(app: AsyncApp, membership: Membership, tasks: Tasks) -> None:
    recent = Recent()

    async def event(body: dict[str, Any], event: dict[str, Any]) -> None:
        if event.get("type") in EVENTS and not recent.again(str(body.get("event_id") or "")):
            tasks.spawn(membership.happened(event, body))

    app.event(ANY)(event)


def _press(body: Mapping[str, Any]) -> Press | None:
    """The button of a block_actions payload; None for a link, which asks for nothing."""
    action = body["actions"][0]
    if "value" not in action:
        return None
    container, message = body.get("container") or {}, body.get("message") or {}
    channel_id = (body.get("channel") or {}).get("id") or container.get("channel_id") or ""
    team_id = (body.get("team") or {}).get("id") or (body.get("user") or {}).get("team_id") or ""
    return Press(
        action_id=action["action_id"],
        value=action["value"],
        person=Person(body["user"]["id"], channel_id, team_id),
        message_ts=container.get("message_ts") or message.get("ts"),
        thread_ts=message.get("thread_ts") or container.get("thread_ts"),
        ephemeral=bool(container.get("is_ephemeral")),
    )
