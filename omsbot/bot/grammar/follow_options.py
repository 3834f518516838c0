"""The words of `subscribe` that are not a project: how much to post, and who alerts mention."""

import re
from collections.abc import Iterable, Mapping
from difflib import get_close_matches

from omsbot.bot.grammar.arguments import Asked, Wrong
from omsbot.bot.grammar.words import echo, entity
from omsbot.domain.events import Level
from omsbot.domain.notify.follow_options import FollowChange

_MARKERS = frozenset(
    {"mention", "mentions", "mentioning", "notify", "ping", "cc", "tag", "alert", "call", "level"}
)
_MYSELF = frozenset({"me", "myself", "@me"})
_NOBODY = frozenset({"none", "nobody", "no-one", "off"})
_EVERYBODY = frozenset({"here", "channel", "everyone"})
_LEVEL_WORDS: Mapping[Level, str] = {
    Level.FAILURES: "failures failure failed fails errors error critical",
    Level.IMPORTANT: "important normal",
    Level.ALL: "all everything verbose",
}
_LEVELS = {word: level for level, listed in _LEVEL_WORDS.items() for word in listed.split()}
_USER_ID = re.compile(r"[UW][A-Z0-9]{1,31}")
_GROUP = re.compile(r"subteam\^(S[A-Z0-9]{1,31})")


def read_subscription_words(asked: Asked, rest: Iterable[str]) -> FollowChange:
    """Read the words of `subscribe` that are not a project."""
    levels: set[Level] = set()
    mentions: dict[str, None] = {}
    marked = False
    for word in rest:
        lowered = word.lower()
        if lowered in _LEVELS:
            levels.add(_LEVELS[lowered])
        elif lowered in _MARKERS:
            marked = marked or lowered != "level"
        elif lowered in _NOBODY and marked:
            mentions[""] = None
        else:
            mentions[_mention(asked, word)] = None
    if marked and not mentions:
        raise Wrong(
            "Who should alerts mention?", "Write `mention me`, or `mention` and a name from the list."
        )
    return FollowChange(_only_level(levels), _only_mention(mentions))


def _mention(asked: Asked, word: str) -> str:
    if word.lower() in _MYSELF:
        return f"<@{asked.actor}>"
    found = entity(word)
    if found is not None:
        return _mention_of_entity(word, *found)
    if word.startswith("@"):
        raise _unresolved(word)
    close = get_close_matches(word.lower()[:20], [*_LEVELS, *_MARKERS], n=1, cutoff=0.7)
    if close:
        raise Wrong(f"`{echo(word)}` is not a word of `/oms subscribe`.", f"Did you mean `{close[0]}`?")
    asked.ref(word)  # explains why this is not a project
    raise Wrong(f"`{echo(word)}` is not a word of `/oms subscribe`.")


def _mention_of_entity(word: str, sigil: str, target: str, label: str | None) -> str:
    group = _GROUP.fullmatch(target)
    if sigil == "@" and _USER_ID.fullmatch(target):
        return f"<@{target}>"
    if sigil == "!" and group:
        return f"<!subteam^{group[1]}>"
    if sigil == "!" and target.partition("^")[0] in _EVERYBODY:
        raise _everybody(target)
    if sigil == "#":
        raise Wrong(
            "A subscription is for the channel where you type it.", "Type the command in that channel."
        )
    raise Wrong(f"`{echo(label or word)}` cannot be mentioned by an alert.", "Pick a name from Slack's list.")


def _unresolved(word: str) -> Wrong:
    if word.lstrip("@").lower() in _EVERYBODY:
        return _everybody(word.lstrip("@").lower())
    return Wrong(
        f"Slack did not recognise `{echo(word)}` as a person or a group.",
        "Pick the name from the list that Slack shows while you type, or write `mention me`.",
    )


def _everybody(word: str) -> Wrong:
    return Wrong(
        f"Alerts never mention `@{echo(word)}`: that would wake everyone in the channel, every time.",
        "Mention one person, or a user group such as whoever is on call.",
    )


def _only_level(levels: set[Level]) -> Level | None:
    if len(levels) > 1:
        raise Wrong(
            "One level at a time, please.",
            "`failures`, `important` or `all`; each includes the ones before it.",
        )
    return next(iter(levels), None)


def _only_mention(mentions: Mapping[str, None]) -> str | None:
    if len(mentions) > 1:
        raise Wrong("Alerts mention one person or one group.", "For several people, mention a user group.")
    return next(iter(mentions), None)
