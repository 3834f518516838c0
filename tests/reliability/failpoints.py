"""The sweep: a story played again for every step, side of the step and way to be interrupted."""

from dataclasses import dataclass, field
from itertools import islice, product

from tests.reliability.interruption import Failpoint, Mode, Side
from tests.reliability.saving import clear
from tests.reliability.slack import Reply
from tests.reliability.stories import Played, Story, begin, expected, play
from tests.reliability.world import World


@dataclass(slots=True)
class Sweep:
    """What came of a sweep: how often the story was played, and what was wrong, by failpoint."""

    runs: int = 0
    wrong: dict[str, list[str]] = field(default_factory=dict)


async def sweep(story: Story, reply: Reply, world: World, *, every: int = 1) -> Sweep:
    """Play a story undisturbed, which names its steps, then once for every `every`-th failpoint of it."""
    found = Sweep()
    await clear(world)
    beginning = await begin(story, world)
    undisturbed = await play(story, world, beginning, reply)
    _note(found, story, undisturbed, "undisturbed")
    points = product(range(len(undisturbed.steps)), Side, Mode)
    for number, side, mode in islice(points, len(reply) % every, None, every):
        played = await play(story, world, beginning, reply, Failpoint(number, side, mode))
        _note(found, story, played, f"{mode} {side} step {number}, {undisturbed.steps[number]}")
    return found


def _note(found: Sweep, story: Story, played: Played, name: str) -> None:
    found.runs += 1
    verdict = played.verdict
    problems = [*verdict.lost, *verdict.double, *verdict.out_of_order, *verdict.stuck]
    if sorted(played.kinds) != expected(story):
        problems.append(f"the polls saw {played.kinds}")
    if problems:
        found.wrong[f"{story.name}: {name}"] = problems
