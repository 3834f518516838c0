"""Thresholds: from when on something that lasts is worth telling; by server and by project."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from omsbot.domain.project.project import ProjectRef, StepKind

# the thresholds of OMS's own lag alerts, in seconds
LAG_LEVELS: Mapping[str, int] = MappingProxyType({"HIGH": 30, "MEDIUM": 300, "LOW": 900})

# how much longer than a full copy a step of this kind may stand still; the others have no figure that moves
STALL_FACTORS: Mapping[StepKind, float] = MappingProxyType(
    {
        StepKind.PRECHECK: 1,
        StepKind.PREPARE: 1,
        StepKind.SCHEMA: 2,  # one large table's definition may take its time
        StepKind.INDEX: 6,  # an index on a large table is made in one piece
        StepKind.FULL_COPY: 1,
        StepKind.VERIFICATION: 1,
        StepKind.SWITCHOVER: 2,
        StepKind.OTHER: 2,
    }
)


@dataclass(frozen=True, slots=True)
class Rules:
    """What counts as trouble, in seconds but for the ratio; 0 switches a rule off.

    `stall_seconds`: a running copy whose figures stand still for so long is stalled. `slow_ratio`: a rate
    under this part of its reference, for as long, is slow. `lag_seconds`: incremental data further behind
    is lagging. `frozen_seconds`: a checkpoint, or its sample, that stands still for so long is frozen.
    `flap_seconds`: a step that fails again within this time after it recovered is flapping.
    `remind_seconds`: how often trouble that goes on is told again.
    """

    stall_seconds: float = 600.0
    slow_ratio: float = 0.2
    lag_seconds: float = 300.0
    frozen_seconds: float = 300.0
    flap_seconds: float = 120.0
    remind_seconds: float = 14_400.0

    def stall_ms(self, kind: StepKind) -> int | None:
        """How long a step of this kind may stand still, in ms; None: for ever."""
        factor = STALL_FACTORS.get(kind)
        return int(self.stall_seconds * factor * 1000) if factor and self.stall_seconds else None

    @property
    def frozen_ms(self) -> int | None:
        return int(self.frozen_seconds * 1000) or None

    @property
    def flap_ms(self) -> int:
        return int(self.flap_seconds * 1000)

    @property
    def remind_ms(self) -> int | None:
        return int(self.remind_seconds * 1000) or None


@dataclass(frozen=True, slots=True)
class RuleBook:
    """The rules of each project: its own, else its server's, else those of all."""

    default: Rules = Rules()
    servers: Mapping[str, Rules] = field(default_factory=dict)
    projects: Mapping[ProjectRef, Rules] = field(default_factory=dict)

    def of(self, ref: ProjectRef) -> Rules:
        return self.projects.get(ref) or self.of_server(ref.server)

    def of_server(self, name: str) -> Rules:
        return self.servers.get(name, self.default)
