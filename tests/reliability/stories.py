"""Short stories of a project: how each begins, and what happens in it, for the sweep over failpoints."""

from collections.abc import Sequence
from dataclasses import dataclass

from omsbot.domain.project.project import Step
from tests.builders import step
from tests.reliability.interruption import Failpoint, Interrupter
from tests.reliability.ledger import Verdict
from tests.reliability.saving import Saved, restore, save
from tests.reliability.slack import Reply
from tests.reliability.world import INTERVAL, Bot, World, refs, rest

CHANNEL = "C1"
FULL = "FULL_TRANSFER"
Steps = tuple[Step, ...]


def going(progress: int = 10) -> Steps:
    return (step(FULL, "RUNNING", order=1, progress=progress),)


def failing() -> Steps:
    return (step(FULL, "FAILED", order=1, progress=20, code="GHANA-1", message="no such table", failed_at=1),)


@dataclass(frozen=True, slots=True)
class Story:
    """`projects` are followed and have their cards before it begins, unless it is `fresh`."""

    name: str
    projects: int
    stages: tuple[Steps, ...]
    kinds: tuple[str, ...]  # of the events of each project
    fresh: bool = False


TOLD = ("step_failed", "step_recovered")
NEWS = Story("news", 1, (failing(), going(30)), TOLD)
CARD = Story("card", 1, (going(30),), TOLD, fresh=True)
OVERVIEW = Story("overview", 6, (failing(), going(30)), TOLD)
STORIES: Sequence[Story] = (NEWS, CARD, OVERVIEW)


async def begin(story: Story, world: World) -> Saved:
    """Play a story's beginning: its projects are followed."""
    for ref in refs(story.projects):
        world.oms.answers[ref.oms_id] = failing() if story.fresh else going()
    bot = Bot(world)
    for ref in refs(story.projects):
        await bot.follow(ref, CHANNEL)
    if not story.fresh:
        await rest(bot)
    world.clock.now += INTERVAL
    return await save(world)


@dataclass(slots=True)
class Played:
    """What came of one run: its steps by name, the verdict, and the events that the polls saw."""

    steps: list[str]
    verdict: Verdict
    kinds: list[str]
    direct: int


async def play(
    story: Story, world: World, beginning: Saved, reply: Reply, at: Failpoint | None = None
) -> Played:
    """Play a story from its beginning to its end.

    The first post comes to `reply`, and the bot is interrupted at a failpoint.
    """
    await restore(world, beginning)
    world.slack.will(reply)
    bot = Bot(world, interrupter := Interrupter(at))
    await bot.start()
    for number, steps in enumerate(story.stages, len(story.kinds) - len(story.stages) + 1):
        world.oms.answers = dict.fromkeys(world.oms.answers, steps)
        wanted = number * story.projects
        bot = await rest(bot, events=wanted)
    await bot.end()
    return Played(interrupter.steps, world.verdict(), world.ledger.kinds(), len(world.slack.direct))


def expected(story: Story) -> list[str]:
    return sorted(story.kinds * story.projects)
