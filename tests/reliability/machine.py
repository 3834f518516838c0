"""A state machine of everything that can happen to the telling, in any order, checked after each step."""

from collections.abc import Callable, Coroutine
from itertools import pairwise
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from omsbot.domain.notify.delivery import POST_TRANSITIONS, PostState
from omsbot.domain.notify.slack_limits import LIMITS, POST
from omsbot.domain.project.project import ProjectRef, Step
from omsbot.services.refusal import Refusal
from tests.builders import HOUR, MINUTE, SECOND, step
from tests.reliability.interruption import Failpoint, Interrupter, Mode, Side
from tests.reliability.saving import Saved, restore
from tests.reliability.slack import Reply
from tests.reliability.stories import CHANNEL, FULL
from tests.reliability.world import Bot, World, refs, rest

OTHER_CHANNEL = "C2"
STATUSES = ("RUNNING", "FAILED", "SUSPENDED", "FINISHED", "MONITORING")
PAUSES = (1 * SECOND, 3 * SECOND, 16 * SECOND, 2 * MINUTE, 11 * MINUTE, HOUR)
IN_FLIGHT = """
SELECT subscription_id, count(DISTINCT post_id) FROM deliveries WHERE state = 'sending'
GROUP BY subscription_id HAVING count(DISTINCT post_id) > 1
"""
OPEN = """
SELECT uuid FROM posts WHERE state IN ('sending', 'unknown') OR (state = 'dissolved' AND due_at IS NOT NULL)
"""
Running = Callable[[Coroutine[Any, Any, Any]], Any]


def telling(world: World, beginnings: dict[int, Saved], run: Running) -> type[RuleBasedStateMachine]:
    """The machine over one world, which begins anew with 1 or more projects from `beginnings`.

    `run` runs a coroutine to its end.
    """
    projects = st.integers(0, max(beginnings) - 1)

    class Telling(RuleBasedStateMachine):
        bot: Bot

        @initialize(number=st.sampled_from(sorted(beginnings)))
        def begin(self, number: int) -> None:
            run(restore(world, beginnings[number]))
            self.number = number
            self.failures = 0
            self.states: dict[int, PostState] = {}
            self.live()

        def live(self, at: Failpoint | None = None) -> None:
            """Start the bot, again if it ran already."""
            if hasattr(self, "bot"):
                run(self.bot.end())
            self.bot = Bot(world)
            run(self.bot.start())

        def go(self, work: Callable[[], Coroutine[Any, Any, Any]]) -> None:
            run(work())
            if self.bot.interrupter.dead:
                self.live()

        def ref(self, project: int) -> ProjectRef:
            return refs(self.number)[project % self.number]

        @rule(project=projects, status=st.sampled_from(STATUSES))
        def oms_moves_on(self, project: int, status: str) -> None:
            self.failures += 1
            world.oms.answers[self.ref(project).oms_id] = _steps(status, self.failures)
            world.clock.now += 10 * SECOND
            self.go(self.bot.poll)

        @rule(status=st.sampled_from(STATUSES))
        def all_projects_move_on(self, status: str) -> None:
            self.failures += 1
            world.oms.answers = dict.fromkeys(world.oms.answers, _steps(status, self.failures))
            world.clock.now += MINUTE
            self.go(self.bot.poll)

        @rule()
        def tell(self) -> None:
            self.go(self.bot.tell)

        @rule()
        def settle(self) -> None:
            self.go(self.bot.settle)

        @rule()
        def edit(self) -> None:
            self.go(self.bot.edit)

        @rule()
        def every_pass(self) -> None:
            world.clock.now += SECOND
            self.go(self.bot.passes)

        @rule(by=st.sampled_from(PAUSES))
        def time_passes(self, by: int) -> None:
            world.clock.now += by

        @rule(replies=st.lists(st.sampled_from(Reply), min_size=1, max_size=4))
        def slack_will_answer(self, replies: list[Reply]) -> None:
            world.slack.will(*replies)

        @rule(replies=st.lists(st.sampled_from(Reply), min_size=1, max_size=2))
        def slack_will_edit(self, replies: list[Reply]) -> None:
            world.slack.will_edit(*replies)

        @rule(number=st.integers(0, 12), side=st.sampled_from(Side), mode=st.sampled_from(Mode))
        def the_bot_will_be_interrupted(self, number: int, side: Side, mode: Mode) -> None:
            interrupter = Interrupter(Failpoint(number, side, mode))
            interrupter.doing = "any"
            world.database.interruption = world.slack.interruption = self.bot.interrupter = interrupter

        @rule()
        def the_bot_is_killed(self) -> None:
            self.bot.interrupter.dead = True
            self.live()

        @rule(project=projects, minutes=st.sampled_from((1, 30)))
        def mute(self, project: int, minutes: int) -> None:
            until = world.clock() + minutes * MINUTE
            self.ask(lambda who: self.bot.control.mute(ref=self.ref(project), until=until, **who))

        @rule(project=projects)
        def unmute(self, project: int) -> None:
            self.ask(lambda who: self.bot.control.unmute(ref=self.ref(project), **who))

        @rule(project=projects)
        def unsubscribe(self, project: int) -> None:
            self.ask(lambda who: self.bot.control.unsubscribe(ref=self.ref(project), **who))

        @rule(project=projects, channel=st.sampled_from((CHANNEL, OTHER_CHANNEL)))
        def subscribe(self, project: int, channel: str) -> None:
            self.go(lambda: self.bot.run("ask", lambda: self.bot.follow(self.ref(project), channel)))

        @rule(which=st.integers(0, 3))
        def a_person_deletes_a_card(self, which: int) -> None:
            cards = sorted(world.ledger.card_hashes().keys() & {one.ts for one in world.slack.seen()})
            if which < len(cards):
                world.slack.remove(cards[which])

        def ask(self, ask: Callable[[dict[str, Any]], Coroutine[Any, Any, Any]]) -> None:
            who = {"channel_id": CHANNEL, "actor": "U1", "now": world.clock()}
            result = run(self.bot.run("ask", lambda: ask(who)))
            assert not isinstance(result, Exception) or isinstance(result, Refusal) or self.struck, result
            if self.bot.interrupter.dead:
                self.live()

        @property
        def struck(self) -> bool:
            return self.bot.interrupter.struck

        @invariant()
        def nothing_is_seen_twice_but_a_copy_that_is_still_looked_into(self) -> None:
            open_posts = {row[0] for row in world.ledger.rows(OPEN)}
            settled = [one for one in world.slack.seen() if one.uuid not in open_posts]
            told = [delivery for one in settled for delivery in one.tells]
            assert len(told) == len(set(told))

        @invariant()
        def at_most_one_post_of_a_stream_is_in_flight(self) -> None:
            assert not world.ledger.rows(IN_FLIGHT)

        @invariant()
        def posts_move_by_the_table(self) -> None:
            rows = world.ledger.rows("SELECT id, state FROM posts")
            for number, state in rows:
                before = self.states.get(number, PostState.SENDING)
                assert state in reachable(before), f"post {number} went from {before} to {state}"
                self.states[number] = PostState(state)

        @invariant()
        def slack_is_not_called_faster_than_it_allows(self) -> None:
            for times in world.slack.posted_at.values():
                assert all(later - earlier >= LIMITS[POST].channel_ms for earlier, later in pairwise(times))
            for method, times in world.slack.looked_at.items():
                assert all(later - earlier >= LIMITS[method].app_ms for earlier, later in pairwise(times))

        def teardown(self) -> None:
            if not hasattr(self, "bot"):
                return
            world.slack.mend()
            world.database.interruption = world.slack.interruption = self.bot.interrupter = Interrupter()
            self.live()
            world.clock.now += HOUR
            self.bot = run(rest(self.bot))
            run(self.bot.end())
            verdict = world.verdict()
            assert verdict.good, verdict

    return Telling


def _steps(status: str, number: int) -> tuple[Step, ...]:
    if status == "FAILED":
        return (step(FULL, status, order=1, code=f"GHANA-{number}", failed_at=number),)
    return (step(FULL, status, order=1, progress=min(number, 99), started_at=1),)


def reachable(state: PostState) -> set[PostState]:
    """The states that a post may be in some time after it was in this one."""
    found = {state}
    while True:
        more = found | {after for one in found for after in POST_TRANSITIONS[one]}
        if more == found:
            return found
        found = more
