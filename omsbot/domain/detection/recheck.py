"""When time alone may tell something new of a project, although OMS's answers stay the same."""

from collections.abc import Iterator, Sequence
from typing import assert_never

from omsbot.domain.detection.conditions import Condition, ConditionKind
from omsbot.domain.detection.findings import Cleared, Continued, Finding, Happened, Opened
from omsbot.domain.detection.judgements import changes_at
from omsbot.domain.detection.reminders import remind_at, reminded
from omsbot.domain.memory.step_memory import Watch
from omsbot.domain.project.project import Snapshot
from omsbot.domain.thresholds import Rules


def recheck_at(
    snapshot: Snapshot,
    watch: Watch,
    live: Sequence[Condition],
    rules: Rules,
    *,
    now: int,
    deadline_at: int | None = None,
) -> int | None:
    """The next moment, in ms; None where only a change can. `live` are the conditions as they are now."""
    moments = [*changes_at(snapshot, watch, rules, now=now), *_of_conditions(live, rules)]
    if deadline_at is not None:
        moments.append(deadline_at + 1)
    return min((moment for moment in moments if moment > now), default=None)


def after(live: Sequence[Condition], findings: Sequence[Finding]) -> list[Condition]:
    """The live conditions once the findings are stored."""
    left = {condition.key: condition for condition in live}
    for finding in findings:
        match finding:
            case Opened(condition) | Continued(condition):
                left[condition.key] = condition
            case Cleared(condition):
                left.pop(condition.key, None)
            case Happened():
                pass
            case _:
                assert_never(finding)
    return list(left.values())


def _of_conditions(live: Sequence[Condition], rules: Rules) -> Iterator[int]:
    for condition in live:
        if condition.kind is ConditionKind.FLAPPING:
            yield condition.seen_at + rules.flap_ms
        elif condition.kind is ConditionKind.FAILING and condition.opened_at is None:
            yield condition.pending_at + rules.flap_ms
    for condition in reminded([one for one in live if one.step or one.kind is ConditionKind.OVERDUE]):
        at = remind_at(condition, rules)
        if at is not None:
            yield at
