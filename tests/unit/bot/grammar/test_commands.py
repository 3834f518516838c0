"""What a person types, and what the bot understands."""

import pytest

from omsbot.bot.commands import TABLE
from omsbot.bot.grammar.ask import ListProjects, ShowChart, ShowHistory, ShowSteps, ShowWhy
from omsbot.bot.grammar.check import SendTest, ShowHelp
from omsbot.bot.grammar.follow import ListSubscriptions, Subscribe, Unsubscribe
from omsbot.bot.grammar.parser import Mistake, Understood
from omsbot.bot.grammar.parser import parse as parse_by
from omsbot.bot.grammar.plan import SetDeadline, ShowDeadline, ShowReady
from omsbot.bot.grammar.silence import Mute, Quiet, Unmute
from omsbot.domain.durations import HOUR_MS, MINUTE_MS
from omsbot.domain.events import Level
from omsbot.domain.forecast.deadline import Wanted
from omsbot.domain.notify.follow_options import FollowChange
from omsbot.domain.notify.quiet_hours import QuietHours
from omsbot.domain.project.project import ProjectRef


def following(
    refs: tuple[ProjectRef, ...], level: Level | None = None, mention: str | None = None
) -> Subscribe:
    return Subscribe(refs, FollowChange(level, mention))


A = ProjectRef("default", "np_a1")
B = ProjectRef("default", "np_b2")
ON_PROD = ProjectRef("prod", "np_a1")
LINK = "<https://oms.example:8089/oms-v2/migration/np_a1?tab=steps&amp;lang=en|orders>"


def parse(text: str) -> object:
    """The command that a text is, or the mistake."""
    parsed = parse_by(text, TABLE, actor="U0ME")
    return parsed.command if isinstance(parsed, Understood) else parsed


UNDERSTOOD = {
    "nothing": ("", ShowHelp()),
    "quiet hours": ("quiet 22:00-07:00 Europe/Berlin", Quiet(QuietHours(22 * 60, 7 * 60, "Europe/Berlin"))),
    "quiet hours from a phone": (
        "Quiet from 22:00 – 07:00 Asia/Shanghai",
        Quiet(QuietHours(22 * 60, 7 * 60, "Asia/Shanghai")),
    ),
    "quiet hours in a city": (
        "quiet 22:00-07:00 new york",
        Quiet(QuietHours(22 * 60, 7 * 60, "America/New_York")),
    ),
    "quiet hours in three words": (
        "quiet 22:00 to 07:00 in Berlin",
        Quiet(QuietHours(22 * 60, 7 * 60, "Europe/Berlin")),
    ),
    "quiet hours by an offset": ("quiet 22-7 UTC+2", Quiet(QuietHours(22 * 60, 7 * 60, "UTC+02:00"))),
    "quiet hours by a bare offset": (
        "quiet 22:00-07:00 -03:30",
        Quiet(QuietHours(22 * 60, 7 * 60, "UTC-03:30")),
    ),
    "no quiet hours": ("quiet off", Quiet(None)),
    "nobody to mention": ("subscribe np_a1 mention none", following((A,), None, "")),
    "spaces": ("   ", ShowHelp()),
    "a question mark": ("?", ShowHelp()),
    "help": ("help", ShowHelp()),
    "help with dashes that a phone joined": ("—help", ShowHelp()),
    "help on a command": ("help subscribe", ShowHelp("subscribe")),
    "help on a synonym": ("help snooze", ShowHelp("snooze")),
    "help on a mistyped command": ("help subscrbe", ShowHelp("subscrbe")),
    "help on nothing of ours": ("help zzzzzz", ShowHelp("zzzzzz")),
    "steps": ("steps np_a1", ShowSteps((A,))),
    "steps by a synonym": ("status np_a1", ShowSteps((A,))),
    "a bare id": ("np_a1", ShowSteps((A,))),
    "two bare ids": ("np_a1 np_b2", ShowSteps((A, B))),
    "a bare link": (LINK, ShowSteps((A,))),
    "shouted": ("STEPS NP_A1", ShowSteps((A,))),
    "a capital from a phone": ("Steps Np_a1", ShowSteps((A,))),
    "on a named server": ("steps prod:np_a1", ShowSteps((ON_PROD,))),
    "a full-width colon": ("steps prod：np_a1", ShowSteps((ON_PROD,))),
    "a server in capitals": ("steps PROD:np_a1", ShowSteps((ON_PROD,))),
    "double and non-breaking spaces": ("steps  \u00a0np_a1\u3000", ShowSteps((A,))),
    "several lines": ("steps\nnp_a1\r\nnp_b2", ShowSteps((A, B))),
    "commas": ("steps np_a1,np_b2", ShowSteps((A, B))),
    "Chinese commas": ("steps np_a1，np_b2、np_c3", ShowSteps((A, B, ProjectRef("default", "np_c3")))),
    "a list in prose": ("steps for np_a1 and np_b2, please", ShowSteps((A, B))),
    "an ampersand": ("steps np_a1 &amp; np_b2", ShowSteps((A, B))),
    "the same id twice": ("steps np_a1 np_a1", ShowSteps((A,))),
    "backticks": ("steps `np_a1`", ShowSteps((A,))),
    "asterisks": ("steps *np_a1*", ShowSteps((A,))),
    "underscores of italics": ("steps _np_a1_", ShowSteps((A,))),
    "smart quotes": ("steps “np_a1”", ShowSteps((A,))),
    "angle brackets as in the help": ("steps &lt;np_a1&gt;", ShowSteps((A,))),
    "square brackets as in the help": ("steps [prod:]np_a1", ShowSteps((ON_PROD,))),
    "a full stop": ("steps np_a1.", ShowSteps((A,))),
    "a zero-width space": ("steps np_\u200ba1", ShowSteps((A,))),
    "the command's own name again": ("/oms steps np_a1", ShowSteps((A,))),
    "a link": (f"steps {LINK}", ShowSteps((A,))),
    "a link that Slack did not mark": ("steps https://oms.example:8089/x?id=np_a1", ShowSteps((A,))),
    "a percent-encoded link": ("steps https://oms.example/#/p%2Fnp_a1", ShowSteps((A,))),
    "subscribe": ("subscribe np_a1", Subscribe((A,))),
    "follow": ("follow np_a1", Subscribe((A,))),
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
    "unsubscribe": ("unsubscribe np_a1 np_b2", Unsubscribe((A, B))),
    "unfollow": ("unfollow prod:np_a1", Unsubscribe((ON_PROD,))),
    "list": ("list", ListSubscriptions()),
    "ls": ("ls", ListSubscriptions()),
    "a page of the list": ("list page 3", ListSubscriptions(3)),
    "a page in short": ("list p3", ListSubscriptions(3)),
    "a bare page number": ("list 3", ListSubscriptions(3)),
    "page nought": ("list 0", ListSubscriptions(1)),
    "a page far out": ("list 999999999999999999999", ListSubscriptions(9_999)),
    "projects": ("projects", ListProjects()),
    "a search": ("projects orders EU", ListProjects(search="orders EU")),
    "a search in Chinese": ("projects 订单", ListProjects(search="订单")),
    "a search that became a link": ("projects <http://o.com|o.com>", ListProjects(search="o.com")),
    "a server": ("projects prod:", ListProjects(server="prod")),
    "a server and a search": ("projects prod: orders page 2", ListProjects("prod", "orders", 2)),
    "a server and a search without a space": ("projects prod:orders", ListProjects("prod", "orders")),
    "a number to search for": ("projects 2024", ListProjects(search="2024")),
    "mute": ("mute np_a1 2h", Mute((A,), 2 * HOUR_MS)),
    "mute for": ("mute np_a1 for 30 minutes", Mute((A,), 30 * MINUTE_MS)),
    "mute, the length first": ("mute 2h np_a1", Mute((A,), 2 * HOUR_MS)),
    "mute several": ("mute np_a1 np_b2 1h 30m", Mute((A, B), 90 * MINUTE_MS)),
    "mute the channel": ("mute 2h", Mute((), 2 * HOUR_MS)),
    "mute everything": ("mute everything for 1 day", Mute((), 24 * HOUR_MS)),
    "mute for half an hour": ("mute np_a1 for half an hour", Mute((A,), 30 * MINUTE_MS)),
    "mute for a fraction": ("mute np_a1 1.5h", Mute((A,), 90 * MINUTE_MS)),
    "mute in Chinese": ("mute np_a1 2小时", Mute((A,), 2 * HOUR_MS)),
    "mute for the longest time": ("mute 30d", Mute((), 30 * 24 * HOUR_MS)),
    "mute for the shortest time": ("mute 60s", Mute((), MINUTE_MS)),
    "snooze": ("snooze np_a1 an hour", Mute((A,), HOUR_MS)),
    "unmute": ("unmute np_a1", Unmute((A,))),
    "unmute the channel": ("unmute", Unmute()),
    "unmute everything": ("unmute all", Unmute()),
    "history": ("history np_a1", ShowHistory(A)),
    "a page of history": ("history np_a1 page 2", ShowHistory(A, 2)),
    "chart": ("chart prod:np_a1", ShowChart(ON_PROD)),
    "chart by a synonym": ("plot for np_a1", ShowChart(A)),
    "why": ("why prod:np_a1 2", ShowWhy(ON_PROD, 2)),
    "test": ("test", SendTest()),
    "ready": ("ready prod:np_a1", ShowReady(ON_PROD)),
    "ready for a switchover": ("switchover np_a1", ShowReady(A)),
    "a deadline": ("deadline np_a1 02:00", SetDeadline(A, Wanted(minutes=120))),
    "a deadline by a synonym": ("due np_a1 by 2:00", SetDeadline(A, Wanted(minutes=120))),
    "a deadline, the time first": ("deadline tomorrow 02:00 np_a1", SetDeadline(A, Wanted(None, 120, 1))),
    "a deadline elsewhere": (
        "deadline prod:np_a1 02:00 Europe/Berlin",
        SetDeadline(ON_PROD, Wanted(minutes=120, zone="Europe/Berlin")),
    ),
    "a deadline in a while": ("deadline np_a1 in 6 h", SetDeadline(A, Wanted(after_ms=6 * HOUR_MS))),
    "a deadline in half an hour": (
        "deadline np_a1 in half an hour",
        SetDeadline(A, Wanted(after_ms=30 * MINUTE_MS)),
    ),
    "a deadline in a week": ("deadline np_a1 in 1 week", SetDeadline(A, Wanted(after_ms=168 * HOUR_MS))),
    "a deadline in a city": (
        "deadline np_a1 02:00 new york",
        SetDeadline(A, Wanted(minutes=120, zone="America/New_York")),
    ),
    "a deadline tomorrow, elsewhere": (
        "deadline np_a1 tomorrow 02:00 europe/berlin",
        SetDeadline(A, Wanted(None, 120, 1, "Europe/Berlin")),
    ),
    "a deadline by an offset": (
        "deadline np_a1 02:00 +08:00",
        SetDeadline(A, Wanted(minutes=120, zone="UTC+08:00")),
    ),
    "no deadline": ("deadline np_a1 off", SetDeadline(A, None)),
    "which deadline": ("deadline np_a1", ShowDeadline(A)),
    "which deadline, in backticks": ("deadline for `np_a1`", ShowDeadline(A)),
}  # fmt: skip


@pytest.mark.parametrize(("text", "command"), UNDERSTOOD.values(), ids=UNDERSTOOD.keys())
def test_it_understands(text: str, command: object) -> None:
    assert parse(text) == command


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
    "a link without an id": ("steps <https://oms.example/>", "This link contains no project id.", "np_4w3r"),
    "a link with two ids": ("steps <https://o.example/np_a1/np_b2>", "more than one project id", "np_4w3r"),
    "six projects": ("steps np_a np_b np_c np_d np_e np_f", "5 projects at most", ""),
    "two levels": ("subscribe np_a1 all failures", "One level", "`important`"),
    "a mistyped level": ("subscribe np_a1 importnat", "`importnat`", "`important`"),
    "a mention of nobody": ("subscribe np_a1 mention", "Who should", "`mention me`"),
    "a name that Slack did not resolve": ("subscribe np_a1 mention @ana", "`@ana`", "from the list"),
    "everybody here": ("subscribe np_a1 mention <!here>", "`@here`", "on call"),
    "the channel, with a label": ("subscribe np_a1 mention <!channel|@channel>", "`@channel`", "on call"),
    "everybody in plain text": ("subscribe np_a1 mention @everyone", "`@everyone`", "on call"),
    "two mentions": ("subscribe np_a1 <@U1> <@U2>", "one person or one group", "user group"),
    "another channel": ("subscribe np_a1 <#C1|general>", "channel where you type", "that channel"),
    "an address": ("subscribe np_a1 <mailto:a@b.example|a@b.example>", "cannot be", "Slack's list"),
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
    "a deadline by a trap": (
        "deadline np_a1 tomorrow 02:00 est",
        "EST",
        "`/oms deadline np_a1 tomorrow 02:00 America/New_York`",
    ),
    "a deadline by two traps": (
        "deadline np_a1 02:00 CST",
        "America/Chicago or Asia/Shanghai",
        "`/oms deadline np_a1 02:00 Asia/Shanghai`",
    ),
    "a mistyped city": ("deadline np_a1 02:00 shangai", "not a time zone", "02:00 Asia/Shanghai`"),
    "a deadline too far": ("deadline np_a1 in 60 weeks", "at most a year", "`/oms deadline"),
    "quiet hours without a zone": ("quiet 22:00-07:00", "a time zone", "`/oms quiet off`"),
    "quiet hours by a trap": ("quiet 22:00-07:00 CST", "several", "`/oms quiet 22:00-07:00 America/Chicago`"),
    "quiet hours of three places": ("quiet 22-7 ist", "Asia/Kolkata", "22:00-07:00 Asia/Jerusalem`"),
    "quiet hours of nowhere": ("quiet 22:00-07:00 atlantis", "not a time zone", "`/oms quiet 22:00"),
    "quiet hours of no clock": ("quiet nights Berlin", "22:00-07:00", "`/oms quiet"),
    "readiness of two": ("ready np_a1 np_b2", "One project at a time", "`/oms ready np_a1`"),
    "readiness of nothing": ("ready", "Which project?", "`/oms ready np_xxx`"),
    "a test of something": ("test np_a1", "does not take `np_a1`", "`/oms test`"),
}  # fmt: skip


@pytest.mark.parametrize(("text", "said", "hint"), MISTAKES.values(), ids=MISTAKES.keys())
def test_a_mistake_says_what_is_wrong_and_how_to_fix_it(text: str, said: str, hint: str) -> None:
    mistake = parse(text)

    assert isinstance(mistake, Mistake)
    assert said in mistake.text
    assert hint in f"{mistake.text} {mistake.hint or ''}"


def test_what_a_person_typed_is_never_repeated_as_markup() -> None:
    mistake = parse("`*x* <!channel> ~y~` <https://evil.example|np_> &lt;!here&gt; <@U1>")

    assert mistake == Mistake("`/oms x` is not a command.", "`/oms help` lists the commands.")


def test_a_long_word_is_shortened() -> None:
    mistake = parse("x" * 500)

    assert isinstance(mistake, Mistake)
    assert len(mistake.text) < 80
