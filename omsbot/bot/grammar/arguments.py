"""The parts that commands share: projects, page numbers, filler words, and how a mistake is reported."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from omsbot.bot.grammar.refs import looks_like_ref, parse_ref
from omsbot.bot.grammar.words import echo
from omsbot.domain.project.project import ProjectRef

MAX_REFS = 5  # a response_url takes five answers
MAX_PAGE = 9_999
FILLERS = frozenset(
    {"and", "&", "+", "for", "of", "the", "project", "projects", "in", "here", "please", "with", "to"}
)

_PAGE_WORDS = frozenset({"page", "p"})
_JOINED_PAGE = re.compile(r"p(?:age)?(\d{1,6})", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Asked:
    """Who asked, which command and with what words, and how a bare id or a link is resolved.

    `pattern` is the command's example, for hints; for the last two see `refs.parse_ref`.
    """

    name: str
    pattern: str
    args: tuple[str, ...]
    actor: str
    default_server: str | None
    servers: Mapping[str, str]

    def ref(self, word: str) -> ProjectRef:
        return parse_ref(word, default_server=self.default_server, servers=self.servers)

    def example(self, refs: Sequence[ProjectRef] = ()) -> str:
        """The whole command to copy, about the first of `refs` where there is one."""
        return example(self.pattern, refs)


class Wrong(Exception):  # noqa: N818 - what a person mistyped, not a fault of the program
    """A command that cannot be carried out as written; becomes a `Mistake`."""

    def __init__(self, text: str, hint: str | None = None) -> None:
        super().__init__(text)
        self.text = text
        self.hint = hint


def take_refs(asked: Asked) -> tuple[tuple[ProjectRef, ...], tuple[str, ...]]:
    """Part the projects, each once and in order, from the words that are none; fillers fall away."""
    meant = [word for word in asked.args if word.lower() not in FILLERS]
    refs = dict.fromkeys(asked.ref(word) for word in meant if looks_like_ref(word))
    if len(refs) > MAX_REFS:
        raise Wrong(f"One command takes {MAX_REFS} projects at most; you gave {len(refs)}.")
    return tuple(refs), tuple(word for word in meant if not looks_like_ref(word))


def refs_only(asked: Asked) -> tuple[ProjectRef, ...]:
    """At least one project and nothing else."""
    refs, rest = take_refs(asked)
    for word in rest:
        asked.ref(word)  # explains why this is not a project
    return refs or which_project(asked)


def single_ref(asked: Asked, args: Sequence[str]) -> ProjectRef:
    refs = refs_only(replace(asked, args=tuple(args)))
    if len(refs) > 1:
        raise Wrong("One project at a time, please.", f"For example `{asked.example(refs)}`.")
    return refs[0]


def which_project(asked: Asked) -> tuple[ProjectRef, ...]:
    raise Wrong(
        "Which project?",
        f"For example `{asked.example()}`. "
        "`/oms list` shows what this channel follows, `/oms projects` what OMS has.",
    )


def take_page(args: Sequence[str], *, bare: bool) -> tuple[tuple[str, ...], int]:
    """Part a page number at the end (`page 2`, `p2`, and `2` alone where `bare`) from the other words."""
    rest = list(args)
    page = 1
    if rest and rest[-1].isdecimal() and (bare or (len(rest) > 1 and rest[-2].lower() in _PAGE_WORDS)):
        page = _page_number(rest.pop())
    elif rest and (joined := _JOINED_PAGE.fullmatch(rest[-1])):
        page = _page_number(joined[1])
        rest.pop()
    if rest and rest[-1].lower() in _PAGE_WORDS and len(rest) < len(args):
        rest.pop()
    return tuple(rest), page


def nothing_else(asked: Asked, rest: Sequence[str]) -> None:
    meant = [word for word in rest if word.lower() not in FILLERS]
    if meant:
        raise Wrong(f"`/oms {asked.name}` does not take `{echo(meant[0])}`.", f"Write `{asked.example()}`.")


def _page_number(digits: str) -> int:
    return min(max(int(digits[:6]), 1), MAX_PAGE)


def example(pattern: str, refs: Sequence[ProjectRef]) -> str:
    """A whole command to copy, about the first of `refs` where there is one."""
    return f"/oms {pattern.replace('np_xxx', str(refs[0]) if refs else 'np_xxx')}"


def one_of(commands: Iterable[str]) -> str | None:
    """A hint to send one of these commands instead; None where there are none."""
    quoted = [f"`{command}`" for command in commands]
    return f"Send {' or '.join(quoted)} instead." if quoted else None
