"""Which project a person means: an id, `server:id`, or the address of its page in the OMS console."""

import re
from collections.abc import Mapping
from urllib.parse import SplitResult, unquote, urlsplit

from omsbot.bot.grammar.words import echo, entity, straighten, strip_marks
from omsbot.domain.project.project import DEFAULT_SERVER, ProjectRef

MAX_ID_LENGTH = 64
LOOKS = "A project id looks like np_4w3rq0xmhqs0; `/oms projects` lists the ids."

_ID = re.compile(r"np_[A-Za-z0-9_]+")
_ID_IN_LINK = re.compile(r"(?<![A-Za-z0-9_])np_[A-Za-z0-9_]+")
_SERVER = re.compile(r"[a-z0-9-]{1,32}")
_ID_WITHOUT_PREFIX = re.compile(r"(?:np[- ]?(?=[a-z0-9])|(?=.{8}))(?=.*\d)[a-z0-9_]{1,61}")
_BARE_ID = re.compile(r"(?=.*\d)(?=.*[a-z])[a-z0-9_]{8,61}")
_LENGTH_OF_TIME = re.compile(r"(\d+[a-z]+)+")
_WRONG_PREFIX = re.compile(r"^np[- ]?")
_SCHEMES = ("http://", "https://")


def parse_ref(
    text: str, *, default_server: str | None = DEFAULT_SERVER, servers: Mapping[str, str] | None = None
) -> ProjectRef:
    """Read one project from what a person typed or pasted.

    `servers` maps each known server to the host (`host` or `host:port`) of its console, for links;
    `default_server` is where a bare id is looked for (None: the server must be said). ValueError with a
    sentence for people where the text is no project.
    """
    word = strip_marks(straighten(text)).rstrip(":/")
    found = entity(word)
    if found is not None:
        sigil, target, _ = found
        if sigil:
            raise ValueError(f"`{echo(word)}` is not a project. {LOOKS}")
        word = target
    if word.lower().startswith(_SCHEMES):
        return _from_link(word, default_server, servers or {})
    server, separator, oms_id = word.rpartition(":")
    if separator:
        return ProjectRef(_server(server), _oms_id(oms_id))
    return ProjectRef(_or_default(default_server, oms_id), _oms_id(oms_id))


def looks_like_ref(word: str) -> bool:
    """Whether a word can only be meant as a project, right or wrong."""
    lowered = word.lower()
    return "np_" in lowered or "://" in lowered or lowered.startswith(("np-", "<http"))


def lacks_prefix(word: str) -> bool:
    """Whether a word looks like an id without its `np_`, and not like `1h30minutes`."""
    lowered = word.lower()
    return bool(_BARE_ID.fullmatch(lowered)) and not _LENGTH_OF_TIME.fullmatch(lowered)


def _oms_id(text: str) -> str:
    candidate = strip_marks(text.strip())
    if candidate.isupper():
        candidate = candidate.lower()
    if candidate[:3].lower() == "np_":
        candidate = "np_" + candidate[3:]
    if not _ID.fullmatch(candidate):
        raise ValueError(_not_an_id(candidate))
    if len(candidate) > MAX_ID_LENGTH:
        raise ValueError(f"`{echo(candidate)}` is too long for a project id. {LOOKS}")
    return candidate


def _not_an_id(candidate: str) -> str:
    shown = echo(candidate)
    if _ID_WITHOUT_PREFIX.fullmatch(candidate.lower()):
        bare = _WRONG_PREFIX.sub("", candidate.lower())
        return f"`{shown}` is not a project id. Did you mean `np_{bare}`?"
    return f"`{shown}` is not a project id. {LOOKS}" if shown else f"That is not a project id. {LOOKS}"


def _server(text: str) -> str:
    name = text.strip().lower()
    if not _SERVER.fullmatch(name):
        raise ValueError(
            "A server's name has up to 32 letters, digits and dashes, as in `prod:np_4w3rq0xmhqs0`."
        )
    return name


def _or_default(default_server: str | None, oms_id: str) -> str:
    if default_server is None:
        shown = oms_id if _ID.fullmatch(oms_id) else "np_4w3rq0xmhqs0"
        raise ValueError(f"Say which OMS server the project is on, as in `prod:{shown[:MAX_ID_LENGTH]}`.")
    return default_server


def _from_link(link: str, default_server: str | None, servers: Mapping[str, str]) -> ProjectRef:
    ids = {found.group() for found in _ID_IN_LINK.finditer(unquote(link))}
    if not ids:
        raise ValueError(f"This link contains no project id. {LOOKS}")
    if len(ids) > 1:
        raise ValueError(f"This link contains more than one project id. {LOOKS}")
    oms_id = _oms_id(ids.pop())
    return ProjectRef(_server_of(link, servers) or _or_default(default_server, oms_id), oms_id)


def _server_of(link: str, servers: Mapping[str, str]) -> str | None:
    """The server whose console a link points to; None where the bot has no choice of servers."""
    if len(servers) < 2:
        return next(iter(servers), None)
    host, netloc = _address(link)
    for wanted in (netloc, host):
        matching = [name for name, known in servers.items() if known.lower() == wanted]
        matching = matching or [name for name, known in servers.items() if _host(known) == wanted]
        if len(matching) == 1:
            return matching[0]
    raise ValueError(
        f"None of the bot's OMS servers has the address `{echo(host)}`. "
        "Write the project with its server, as in `prod:np_4w3rq0xmhqs0`."
    )


def _address(link: str) -> tuple[str, str]:
    try:
        parts: SplitResult = urlsplit(link)
        return (parts.hostname or "").lower(), parts.netloc.rpartition("@")[2].lower()
    except ValueError:
        return "", ""


def _host(known: str) -> str:
    return known.lower().partition(":")[0]
