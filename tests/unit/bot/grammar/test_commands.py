"""What a person types, and what the bot understands."""

import pytest

from omsbot.bot.grammar import commands as c
from omsbot.bot.grammar.commands import Mistake, parse
from omsbot.bot.grammar.durations import HOUR_MS, MINUTE_MS
from omsbot.bot.grammar.usage import CommandName
from omsbot.domain.events import Level
from omsbot.domain.forecast.deadline import Wanted
from omsbot.domain.notify.follow_options import FollowChange
from omsbot.domain.notify.quiet_hours import QuietHours
from omsbot.domain.project.project import ProjectRef


def following(
    refs: tuple[ProjectRef, ...], level: Level | None = None, mention: str | None = None
) -> c.Subscribe:
    return c.Subscribe(refs, FollowChange(level, mention))


A = ProjectRef("default", "np_a1")
B = ProjectRef("default", "np_b2")
ON_PROD = ProjectRef("prod", "np_a1")
LINK = "<https://oms.example:8089/oms-v2/migration/np_a1?tab=steps&amp;lang=en|orders>"

UNDERSTOOD = {
    "nothing": ("", c.ShowHelp()),
    "quiet hours": ("quiet 22:00-07:00 Europe/Berlin", c.Quiet(QuietHours(22 * 60, 7 * 60, "Europe/Berlin"))),
    "quiet hours from a phone": (
        "Quiet from 22:00 – 07:00 Asia/Shanghai",
        c.Quiet(QuietHours(22 * 60, 7 * 60, "Asia/Shanghai")),
    ),
    "no quiet hours": ("quiet off", c.Quiet(None)),
    "nobody to mention": ("subscribe np_a1 mention none", following((A,), None, "")),
    "spaces": ("   ", c.ShowHelp()),
    "a question mark": ("?", c.ShowHelp()),
    "help": ("help", c.ShowHelp()),
    "help with dashes that a phone joined": ("—help", c.ShowHelp()),
    "help on a command": ("help subscribe", c.ShowHelp(CommandName.SUBSCRIBE)),
    "help on a synonym": ("help snooze", c.ShowHelp(CommandName.MUTE)),
    "help on a mistyped command": ("help subscrbe", c.ShowHelp(CommandName.SUBSCRIBE)),
    "help on nothing of ours": ("help zzzzzz", c.ShowHelp()),
    "steps": ("steps np_a1", c.ShowSteps((A,))),
    "steps by a synonym": ("status np_a1", c.ShowSteps((A,))),
    "a bare id": ("np_a1", c.ShowSteps((A,))),
    "two bare ids": ("np_a1 np_b2", c.ShowSteps((A, B))),
    "a bare link": (LINK, c.ShowSteps((A,))),
    "shouted": ("STEPS NP_A1", c.ShowSteps((A,))),
    "a capital from a phone": ("Steps Np_a1", c.ShowSteps((A,))),
    "on a named server": ("steps prod:np_a1", c.ShowSteps((ON_PROD,))),
    "a full-width colon": ("steps prod：np_a1", c.ShowSteps((ON_PROD,))),
    "a server in capitals": ("steps PROD:np_a1", c.ShowSteps((ON_PROD,))),
    "double and non-breaking spaces": ("steps  \u00a0np_a1\u3000", c.ShowSteps((A,))),
    "several lines": ("steps\nnp_a1\r\nnp_b2", c.ShowSteps((A, B))),
    "commas": ("steps np_a1,np_b2", c.ShowSteps((A, B))),
    "Chinese commas": ("steps np_a1，np_b2、np_c3", c.ShowSteps((A, B, ProjectRef("default", "np_c3")))),
    "a list in prose": ("steps for np_a1 and np_b2, please", c.ShowSteps((A, B))),
    "an ampersand": ("steps np_a1 &amp; np_b2", c.ShowSteps((A, B))),
    "the same id twice": ("steps np_a1 np_a1", c.ShowSteps((A,))),
    "backticks": ("steps `np_a1`", c.ShowSteps((A,))),
    "asterisks": ("steps *np_a1*", c.ShowSteps((A,))),
    "underscores of italics": ("steps _np_a1_", c.ShowSteps((A,))),
    "smart quotes": ("steps “np_a1”", c.ShowSteps((A,))),
    "angle brackets as in the help": ("steps &lt;np_a1&gt;", c.ShowSteps((A,))),
    "square brackets as in the help": ("steps [prod:]np_a1", c.ShowSteps((ON_PROD,))),
    "a full stop": ("steps np_a1.", c.ShowSteps((A,))),
    "a zero-width space": ("steps np_\u200ba1", c.ShowSteps((A,))),
    "the command's own name again": ("/oms steps np_a1", c.ShowSteps((A,))),
    "a link": (f"steps {LINK}", c.ShowSteps((A,))),
    "a link that Slack did not mark": ("steps https://oms.example:8089/x?id=np_a1", c.ShowSteps((A,))),
    "a percent-encoded link": ("steps https://oms.example/#/p%2Fnp_a1", c.ShowSteps((A,))),
    "subscribe": ("subscribe np_a1", c.Subscribe((A,))),
    "follow": ("follow np_a1", c.Subscribe((A,))),
    "subscribe to failures": ("sub np_a1 failures", following((A,), Level.FAILURES)),
    "a level before the project": ("subscribe all np_a1", following((A,), Level.ALL)),
    "a level in other words": ("subscribe np_a1 level errors", following((A,), Level.FAILURES)),
    "a person": ("subscribe np_a1 mention <@U12|ana>", following((A,), None, "<@U12>")),
    "a person without a label": ("subscribe np_a1 <@W12>", following((A,), None, "<@W12>")),
    "a person with a space": ("subscribe np_a1 mention <@U12|li wei>", following((A,), None, "<@U12>")),
    "a group": ("subscribe np_a1 mention <!subteam^S12|@oncall>", following((A,), None, "<!subteam^S12>")),
    "a group, bare": ("subscribe np_a1 cc <!subteam^S12>", following((A,), None, "<!subteam^S12>")),
    "me": ("subscribe np_a1 mention me", following((A,), None, "<@U0ME>")),
    "all together": (
        "follow prod:np_a1, np_b2 important, mention <@U12|ana>.",
        following((ON_PROD, B), Level.IMPORTANT, "<@U12>"),
    ),
    "unsubscribe": ("unsubscribe np_a1 np_b2", c.Unsubscribe((A, B))),
    "unfollow": ("unfollow prod:np_a1", c.Unsubscribe((ON_PROD,))),
    "list": ("list", c.ListSubscriptions()),
    "ls": ("ls", c.ListSubscriptions()),
    "a page of the list": ("list page 3", c.ListSubscriptions(3)),
    "a page in short": ("list p3", c.ListSubscriptions(3)),
    "a bare page number": ("list 3", c.ListSubscriptions(3)),
    "page nought": ("list 0", c.ListSubscriptions(1)),
    "a page far out": ("list 999999999999999999999", c.ListSubscriptions(9_999)),
    "projects": ("projects", c.ListProjects()),
    "a search": ("projects orders EU", c.ListProjects(search="orders EU")),
    "a search in Chinese": ("projects 订单", c.ListProjects(search="订单")),
    "a search that became a link": ("projects <http://o.com|o.com>", c.ListProjects(search="o.com")),
    "a server": ("projects prod:", c.ListProjects(server="prod")),
    "a server and a search": ("projects prod: orders page 2", c.ListProjects("prod", "orders", 2)),
    "a server and a search without a space": ("projects prod:orders", c.ListProjects("prod", "orders")),
    "a number to search for": ("projects 2024", c.ListProjects(search="2024")),
    "mute": ("mute np_a1 2h", c.Mute((A,), 2 * HOUR_MS)),
    "mute for": ("mute np_a1 for 30 minutes", c.Mute((A,), 30 * MINUTE_MS)),
    "mute, the length first": ("mute 2h np_a1", c.Mute((A,), 2 * HOUR_MS)),
    "mute several": ("mute np_a1 np_b2 1h 30m", c.Mute((A, B), 90 * MINUTE_MS)),
    "mute the channel": ("mute 2h", c.Mute((), 2 * HOUR_MS)),
    "mute everything": ("mute everything for 1 day", c.Mute((), 24 * HOUR_MS)),
    "snooze": ("snooze np_a1 an hour", c.Mute((A,), HOUR_MS)),
    "unmute": ("unmute np_a1", c.Unmute((A,))),
    "unmute the channel": ("unmute", c.Unmute()),
    "unmute everything": ("unmute all", c.Unmute()),
    "history": ("history np_a1", c.ShowHistory(A)),
    "a page of history": ("history np_a1 page 2", c.ShowHistory(A, 2)),
    "chart": ("chart prod:np_a1", c.ShowChart(ON_PROD)),
    "chart by a synonym": ("plot for np_a1", c.ShowChart(A)),
    "why": ("why prod:np_a1 2", c.ShowWhy(ON_PROD, 2)),
    "test": ("test", c.SendTest()),
    "ready": ("ready prod:np_a1", c.ShowReady(ON_PROD)),
    "ready for a switchover": ("switchover np_a1", c.ShowReady(A)),
    "a deadline": ("deadline np_a1 02:00", c.SetDeadline(A, Wanted(minutes=120))),
    "a deadline by a synonym": ("due np_a1 by 2:00", c.SetDeadline(A, Wanted(minutes=120))),
    "a deadline, the time first": ("deadline tomorrow 02:00 np_a1", c.SetDeadline(A, Wanted(None, 120, 1))),
    "a deadline elsewhere": (
        "deadline prod:np_a1 02:00 Europe/Berlin",
        c.SetDeadline(ON_PROD, Wanted(minutes=120, zone="Europe/Berlin")),
    ),
    "a deadline in a while": ("deadline np_a1 in 6 h", c.SetDeadline(A, Wanted(after_ms=6 * HOUR_MS))),
    "no deadline": ("deadline np_a1 off", c.SetDeadline(A, None)),
    "which deadline": ("deadline np_a1", c.ShowDeadline(A)),
    "which deadline, in backticks": ("deadline for `np_a1`", c.ShowDeadline(A)),
}  # fmt: skip


@pytest.mark.parametrize(("text", "command"), UNDERSTOOD.values(), ids=UNDERSTOOD.keys())
def test_it_understands(text: str, command: c.Command) -> None:
    assert parse(text, actor="U0ME") == command


MISTAKES = {
    "a mistyped command": ("subscrbe np_a1", "`/oms subscrbe` is not a command.", "`/oms subscribe np_a1`"),
    "a mistyped command alone": ("histroy", "`/oms histroy` is not a command.", "`/oms history np_xxx`"),
    "a mistyped command keeps the server": ("stesp prod:np_a1", "stesp", "`/oms steps prod:np_a1`"),
    "a mistyped command about a wrong id": ("stesp np_", "stesp", "`/oms steps np_xxx`"),
    "a stray word": ("subscribe np_a1 orders", "`orders` is not a project id.", "/oms subscribe"),
    "no command at all": ("blorp", "`/oms blorp` is not a command.", "`/oms help`"),
    "no project": ("steps", "Which project?", "`/oms list`"),
    "no project to follow": ("subscribe failures", "Which project?", "`/oms projects`"),
    "an id without its prefix": ("steps 4w3rq0xmhqs0", "`4w3rq0xmhqs0`", "`np_4w3rq0xmhqs0`"),
    "an id with a dash": ("steps np-4w3r", "`np-4w3r`", "`np_4w3r`"),
    "a muted id without its prefix": ("mute 4w3rq0xmhqs0 2h", "`4w3rq0xmhqs0`", "`np_4w3rq0xmhqs0`"),
    "an id to follow without its prefix": ("follow 4w3rq0xmhqs0", "`4w3rq0xmhqs0`", "`np_4w3rq0xmhqs0`"),
    "a word instead of an id": ("steps orders", "`orders` is not a project id.", "`/oms projects`"),
    "an id that is only its prefix": ("steps np_", "`np_` is not a project id.", "np_4w3rq0xmhqs0"),
    "an id that is too long": (f"steps np_{'x' * 70}", "too long", "np_4w3rq0xmhqs0"),
    "an odd server": ("steps pr_od:np_a1", "A server's name", "`prod:np_4w3rq0xmhqs0`"),
    "a link without an id": ("steps <https://oms.example/>", "This link holds no project id.", "np_4w3r"),
    "a link with two ids": ("steps <https://o.example/np_a1/np_b2>", "more than one project id", "np_4w3r"),
    "six projects": ("steps np_a np_b np_c np_d np_e np_f", "5 projects at most", ""),
    "two levels": ("subscribe np_a1 all failures", "One level", "`important`"),
    "a mistyped level": ("subscribe np_a1 importnat", "`importnat`", "`important`"),
    "a mention of nobody": ("subscribe np_a1 mention", "Whom", "`mention me`"),
    "a name that Slack did not resolve": ("subscribe np_a1 mention @ana", "`@ana`", "from the list"),
    "everybody here": ("subscribe np_a1 mention <!here>", "`@here`", "on call"),
    "the channel, with a label": ("subscribe np_a1 mention <!channel|@channel>", "`@channel`", "on call"),
    "everybody in plain text": ("subscribe np_a1 mention @everyone", "`@everyone`", "on call"),
    "two mentions": ("subscribe np_a1 <@U1> <@U2>", "one person or one group", "user group"),
    "another channel": ("subscribe np_a1 <#C1|general>", "channel in which you type", "that channel"),
    "an address to mention": ("subscribe np_a1 <mailto:a@b.example|a@b.example>", "nobody", "Slack's list"),
    "a list of words": ("list everything", "`/oms list` does not take `everything`.", "`/oms list`"),
    "a silence without end": ("mute np_a1", "For how long?", "`/oms mute np_a1 2h`"),
    "a silence without a unit": ("mute np_a1 30", "needs a unit", "`/oms mute np_a1 2h`"),
    "a silence until": ("mute np_a1 until 08:00", "by its length", "`/oms mute np_a1 2h`"),
    "a silence too long": ("mute np_a1 31d", "30 days", "`/oms mute np_a1 2h`"),
    "a silence too short": ("mute np_a1 10s", "one minute", "`/oms mute np_a1 2h`"),
    "unmuting a word": ("unmute orders", "`orders` is not a project id.", "`/oms unmute"),
    "history of two": ("history np_a1 np_b2", "One project at a time", "`/oms history np_a1`"),
    "a deadline of nothing": ("deadline 02:00", "Which project?", "`/oms deadline np_xxx 02:00`"),
    "a deadline of two": ("deadline np_a1 np_b2 02:00", "One project at a time", "/oms deadline np_a1 02:00"),
    "a deadline without a time": ("deadline np_a1 soon", "not a deadline", "`/oms deadline np_a1 02:00`"),
    "a deadline of an id alone": ("due 4w3rq0xmhqs0 02:00", "`4w3rq0xmhqs0`", "`np_4w3rq0xmhqs0`"),
    "readiness of two": ("ready np_a1 np_b2", "One project at a time", "`/oms ready np_a1`"),
    "readiness of nothing": ("ready", "Which project?", "`/oms ready np_xxx`"),
    "a test of something": ("test np_a1", "does not take `np_a1`", "`/oms test`"),
}  # fmt: skip


@pytest.mark.parametrize(("text", "said", "hint"), MISTAKES.values(), ids=MISTAKES.keys())
def test_a_mistake_says_what_is_wrong_and_how_to_mend_it(text: str, said: str, hint: str) -> None:
    mistake = parse(text, actor="U0ME")

    assert isinstance(mistake, Mistake)
    assert said in mistake.text
    assert hint in f"{mistake.text} {mistake.hint or ''}"


def test_what_a_person_typed_is_never_repeated_as_markup() -> None:
    mistake = parse("`*x* <!channel> ~y~` <https://evil.example|np_> &lt;!here&gt; <@U1>", actor="U0ME")

    assert mistake == Mistake("`/oms x` is not a command.", "`/oms help` shows the commands.")


def test_a_long_word_is_shortened() -> None:
    mistake = parse("x" * 500, actor="U0ME")

    assert isinstance(mistake, Mistake)
    assert len(mistake.text) < 80
