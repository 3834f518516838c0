"""The simulated OMS without its HTTP: projects, their clock, what was done to them, what was asked."""

import math
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from omsbot.sandbox.oms.faults import FaultBoard, FaultMode
from omsbot.sandbox.oms.steps import steps_json, utc_text
from omsbot.sandbox.scenarios import controls as controls_of
from omsbot.sandbox.scenarios.catalogue import SCENARIOS, SimulatedProject
from omsbot.sandbox.scenarios.controls import ControlError, Controls
from omsbot.sandbox.scenarios.failures import INJECTED
from omsbot.sandbox.scenarios.moment import ProjectMoment, project_moment


class UnknownProjectError(ControlError):
    """No project of that id is simulated."""


class LiveProject:
    """One project at play: its control state, and its last answer for as long as that holds."""

    def __init__(self, spec: SimulatedProject, now: float) -> None:
        if spec.scenario not in SCENARIOS:
            raise ControlError(f"no scenario {spec.scenario}; there are {', '.join(SCENARIOS)}")
        self.spec = spec
        self.scenario = SCENARIOS[spec.scenario]
        self._waits = spec.waits
        self._moment: ProjectMoment | None = None
        self._steps: bytes | None = None
        self._stand_at_the_offset(now)

    def begin(self, now: float) -> None:
        """Go on from here, if it waits."""
        if self._waits:
            self._stand_at_the_offset(now)
            self._waits = False

    def _stand_at_the_offset(self, now: float) -> None:
        self.put(Controls.starting(math.floor(now - self.spec.offset)))

    def moment(self, now: float) -> ProjectMoment:
        if self._waits:
            self._stand_at_the_offset(now)
        if self._moment is None or now >= self._moment.fresh_until:
            self._moment = project_moment(self.scenario, self.controls, now)
            self._steps = None
        return self._moment

    def steps(self, now: float) -> bytes:
        """The encoded `data` of DescribeProjectSteps."""
        self.begin(now)
        moment = self.moment(now)
        if self._steps is None:
            self._steps = steps_json(self.scenario, moment, self.controls.fields)
        return self._steps

    def put(self, controls: Controls) -> None:
        self.controls = controls
        self._moment = None

    def summary(self, now: float) -> dict[str, object]:
        """What the control endpoint lists; `elapsed` is the position in the script, in seconds."""
        moment = self.moment(now)
        return {
            "id": self.spec.id,
            "name": self.spec.name,
            "scenario": self.spec.scenario,
            "elapsed": round(self.controls.timeline.position_at(now), 1),
            "pace": self.controls.timeline.pace,
            "status": moment.status,
            "started": utc_text(self.controls.timeline.legs[0].since),
            "steps": {step.plan.name: step.status for step in moment.steps},
        }


class SimulatedFleet:
    """All projects of one simulated server, with every control as a method.

    Controls raise UnknownProjectError for a strange id and ControlError for what makes no sense now.
    """

    def __init__(
        self, projects: Sequence[SimulatedProject], *, fast: float, clock: Callable[[], float]
    ) -> None:
        if fast <= 0:
            raise ValueError("fast must be above 0")
        self._clock, self._fast, self._origin = clock, fast, clock()
        self._projects: dict[str, LiveProject] = {}
        self.faults = FaultBoard(self.now)
        self.answers: dict[str, bytes] = {}
        self.actions: Counter[str] = Counter()
        self.asked: Counter[str] = Counter()
        for project in projects:
            self.add(project)

    def now(self) -> float:
        """Simulated epoch seconds: the start plus what passed since, `fast` times."""
        return self._origin + (self._clock() - self._origin) * self._fast

    @property
    def projects(self) -> Mapping[str, LiveProject]:
        return self._projects

    def project(self, project_id: str) -> LiveProject:
        """The project that is to be controlled; one that waits begins."""
        if project_id not in self._projects:
            raise UnknownProjectError(f"no project {project_id}")
        self._projects[project_id].begin(self.now())
        return self._projects[project_id]

    def add(self, project: SimulatedProject) -> None:
        """Begin to play a project; one of the same id is replaced."""
        self._projects[project.id] = LiveProject(project, self.now())

    def remove(self, project_id: str) -> None:
        """Forget a project as if it had never been."""
        self.project(project_id)
        del self._projects[project_id]

    def jump(
        self,
        project_id: str,
        *,
        seconds: float | None = None,
        to: float | None = None,
        step: str | None = None,
    ) -> None:
        """Skip `seconds` of the script (back if negative), or go to a position, or to where a step begins."""
        live, now = self.project(project_id), self.now()
        if sum(value is not None for value in (seconds, to, step)) != 1:
            raise ControlError("jump takes exactly one of seconds, to, step")
        if step is not None:
            live.put(controls_of.jump_to_step(live.scenario, live.controls, now, step))
            return
        here = live.controls.timeline.position_at(now)
        live.put(controls_of.jump(live.controls, now, here + seconds if seconds is not None else to or 0.0))

    def fail(
        self,
        project_id: str,
        step: str | None = None,
        *,
        code: str | None = None,
        message: str | None = None,
        reason: str | None = None,
        proposal: str | None = None,
        level: str | None = None,
    ) -> None:
        """Fail a step (by default the current one) until `recover`; what is given replaces usual texts."""
        failure = replace(
            INJECTED,
            code=code or INJECTED.code,
            level=level or INJECTED.level,
            message=message or INJECTED.message,
            reason=reason or INJECTED.reason,
            proposal=proposal or INJECTED.proposal,
        )
        live = self.project(project_id)
        live.put(controls_of.fail(live.scenario, live.controls, self.now(), step, failure))

    def recover(self, project_id: str) -> None:
        """Let a failed project go on."""
        live = self.project(project_id)
        live.put(controls_of.recover(live.scenario, live.controls, self.now()))

    def pause(self, project_id: str) -> None:
        """Pause a project as a person in the console does."""
        live = self.project(project_id)
        live.put(controls_of.pause(live.controls, self.now()))

    def resume(self, project_id: str) -> None:
        """Resume a paused project."""
        live = self.project(project_id)
        live.put(controls_of.resume(live.scenario, live.controls, self.now()))

    def slow(self, project_id: str, factor: float = 0.1) -> None:
        """Play the script at this many times its written speed; 1 is as written."""
        live = self.project(project_id)
        live.put(controls_of.slow(live.controls, self.now(), factor))

    def finish_step(self, project_id: str, step: str | None = None) -> None:
        """Skip to the end of a step, or act as the person for whom it waits."""
        live = self.project(project_id)
        live.put(controls_of.finish_step(live.scenario, live.controls, self.now(), step))

    def release(self, project_id: str) -> None:
        """Release a project: its steps can no longer be asked for, the list shows it as RELEASED."""
        live = self.project(project_id)
        live.put(controls_of.release(live.controls, self.now()))

    def lag(self, project_id: str, seconds: float) -> None:
        """Put the checkpoints of a project this much further behind than its script says."""
        live = self.project(project_id)
        live.put(controls_of.set_lag(live.controls, seconds))

    def set_fields(self, project_id: str, step: str, fields: Mapping[str, object] | None) -> None:
        """Show raw fields on a step over its script's; None takes them back."""
        live = self.project(project_id)
        live.put(controls_of.set_fields(live.scenario, live.controls, step, fields))

    def set_answer(self, project_id: str, body: bytes | None) -> None:
        """Answer DescribeProjectSteps for this id with these very bytes, simulated or not; None undoes it."""
        if body is None:
            self.answers.pop(project_id, None)
        else:
            self.answers[project_id] = body

    def break_with(
        self,
        mode: str,
        project: str | None = None,
        count: int | None = None,
        *,
        after: float | None = None,
        lasting: float | None = None,
    ) -> None:
        """Break the next `count` answers (all until `none`, by default) for one project or for everything.

        `after` and `lasting` schedule it: so many simulated seconds from now, for so many. ControlError for
        an unknown mode.
        """
        if mode not in set(FaultMode):
            raise ControlError(f"no fault {mode}; there are {', '.join(FaultMode)}")
        if count is not None and count < 1:
            raise ControlError("count must be at least 1")
        if (after is not None and after < 0) or (lasting is not None and lasting <= 0):
            raise ControlError("a fault begins after 0 s or more, and lasts longer than 0 s")
        begin = self.now() + (after or 0.0)
        self.faults.put(
            FaultMode(mode),
            project,
            count,
            since=-math.inf if after is None else begin,
            until=math.inf if lasting is None else begin + lasting,
        )

    def calls(self) -> dict[str, object]:
        """How often each action was called, and each project's steps asked for, since the start."""
        return {
            "total": self.actions.total(),
            "actions": dict(self.actions),
            "projects": dict(self.asked),
        }
