"""The sweep: a story played again for every step, side of the step and way to be interrupted."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import product

from tests.reliability.interruption import Failpoint, Mode, Side
from tests.reliability.saving import clear
from tests.reliability.slack import Reply
from tests.reliability.stories import Played, Story, begin, expected, play
from tests.reliability.world import World

WAYS = tuple(product(Side, Mode))


@dataclass(slots=True)
class Sweep:
    """What came of a sweep: how often the story was played, and what was wrong, by failpoint."""

    runs: int = 0
    wrong: dict[str, list[str]] = field(default_factory=dict)


def all_points(steps: Sequence[str], turn: int) -> Iterable[Failpoint]:
    """Every step, before and after it, in every way, whatever the `turn`."""
    return (Failpoint(number, side, mode) for number in range(len(steps)) for side, mode in WAYS)


def all_points_in_turn(steps: Sequence[str], turn: int) -> Iterable[Failpoint]:
    """Every step, in one way; with another `turn` in another."""
    return (Failpoint(number, *WAYS[(turn + number) % len(WAYS)]) for number in range(len(steps)))


def a_point_of_each_kind(steps: Sequence[str], turn: int) -> Iterable[Failpoint]:
    """Every name of a step, before and after it, in every way, once.

    Of the steps with one name each way takes another, and with another `turn` again others.
    """
    named: dict[str, list[int]] = defaultdict(list)
    for number, name in enumerate(steps):
        named[name].append(number)
    for numbers in named.values():
        for place, (side, mode) in enumerate(WAYS):
            yield Failpoint(numbers[(turn + place) % len(numbers)], side, mode)


Points = Callable[[Sequence[str], int], Iterable[Failpoint]]


async def sweep(story: Story, reply: Reply, world: World, points: Points = a_point_of_each_kind) -> Sweep:
    """Play a story undisturbed, which names its steps, then for each of these failpoints."""
    found = Sweep()
    await clear(world)
    beginning = await begin(story, world)
    undisturbed = await play(story, world, beginning, reply)
    _note(found, story, undisturbed, "undisturbed")
    steps = undisturbed.steps
    for at in points(steps, list(Reply).index(reply)):
        played = await play(story, world, beginning, reply, at)
        _note(found, story, played, f"{at.mode} {at.side} step {at.number}, {steps[at.number]}")
    return found


def _note(found: Sweep, story: Story, played: Played, name: str) -> None:
    found.runs += 1
    verdict = played.verdict
    problems = [*verdict.lost, *verdict.double, *verdict.out_of_order, *verdict.stuck]
    if sorted(played.kinds) != expected(story):
        problems.append(f"the polls saw {played.kinds}")
    if problems:
        found.wrong[f"{story.name}: {name}"] = problems
