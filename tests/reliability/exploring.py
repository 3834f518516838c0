"""Random walks through the state machine."""

from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.reliability.machine import Running, telling
from tests.reliability.saving import Saved, clear
from tests.reliability.stories import Story, begin, going
from tests.reliability.world import World

STEPS = 40
SIZES = (1, 2, 6)  # projects to begin with; the most make overviews


def explore(world: World, running: Running, *, runs: int, start: int) -> None:
    """Play so many runs of the machine, drawn from the seed `start`.

    Raises AssertionError with the shortest way to what is wrong.
    """
    beginnings: dict[int, Saved] = {}
    for number in SIZES:
        if beginnings:
            running(clear(world))
        beginnings[number] = running(begin(Story("any", number, (going(),), ()), world))
    run_state_machine_as_test(
        seed(start)(telling(world, beginnings, running)),
        settings=settings(
            max_examples=runs,
            stateful_step_count=STEPS,
            deadline=None,
            database=None,
            phases=(Phase.generate, Phase.shrink),
            suppress_health_check=list(HealthCheck),
        ),
    )
