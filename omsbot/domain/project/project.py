"""What OMS says of a migration project, as values.

Times are milliseconds since the epoch, UTC. Texts were cleaned and masked when they were read
(`omsbot.domain.masking`), so that they may be stored and shown.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

DEFAULT_SERVER = "default"


@dataclass(frozen=True, slots=True, order=True)
class ProjectRef:
    """One project on one OMS server: `server:np_xxx`, or bare `np_xxx` on the default server."""

    server: str
    oms_id: str

    def __str__(self) -> str:
        return self.oms_id if self.server == DEFAULT_SERVER else f"{self.server}:{self.oms_id}"


class StepStatus(StrEnum):
    """The execution status of a step; UNKNOWN stands for any word that OMS has not documented."""

    INIT = "INIT"
    RUNNING = "RUNNING"
    FAILED = "FAILED"
    FINISHED = "FINISHED"
    SUSPEND = "SUSPEND"
    MONITORING = "MONITORING"
    UNKNOWN = "UNKNOWN"


class StepKind(StrEnum):
    """What a step does, whatever OMS calls it in this flavour and version."""

    PRECHECK = "precheck"
    PREPARE = "prepare"
    SCHEMA = "schema"
    INDEX = "index"
    FULL_COPY = "full_copy"
    VERIFICATION = "verification"
    LOG_PULL = "log_pull"
    INCREMENTAL = "incremental"
    SWITCHOVER = "switchover"
    REVERSE = "reverse"
    OTHER = "other"


# these have no end of their own: they follow the source
FOLLOWING = frozenset({StepKind.INCREMENTAL, StepKind.REVERSE})

# name -> (label shown to people, kind)
STEP_NAMES: Mapping[str, tuple[str, StepKind]] = {
    "PRE_CHECK": ("Precheck", StepKind.PRECHECK),
    "TRANSFER_PRECHECK": ("Precheck", StepKind.PRECHECK),
    "PREPARE": ("Preparation", StepKind.PREPARE),
    "SYNC_PREPARE": ("Preparation", StepKind.PREPARE),
    "TRANSFER_PREPARE": ("Preparation", StepKind.PREPARE),
    "STRUCT_TRANSFER": ("Schema migration", StepKind.SCHEMA),
    "STRUCT_MIGRATION": ("Schema migration", StepKind.SCHEMA),
    "STRUCT_SYNC": ("Schema synchronization", StepKind.SCHEMA),
    "INDEX_MIGRATION": ("Index migration", StepKind.INDEX),
    "INDEX_TRANSFER": ("Index migration", StepKind.INDEX),
    "FULL_MIGRATION": ("Full migration", StepKind.FULL_COPY),
    "FULL_TRANSFER": ("Full migration", StepKind.FULL_COPY),
    "CONNECTOR_FULL_SYNC": ("Full synchronization", StepKind.FULL_COPY),
    "FULL_VALIDATION": ("Full verification", StepKind.VERIFICATION),
    "FULL_VERIFIER": ("Full verification", StepKind.VERIFICATION),
    "INCR_VERIFIER": ("Incremental verification", StepKind.VERIFICATION),
    "INCR_LOG_PULL": ("Incremental log pull", StepKind.LOG_PULL),
    "TRANSFER_INCR_LOG_PULL": ("Incremental log pull", StepKind.LOG_PULL),
    "SYNC_INCR_LOG_PULL": ("Incremental log pull", StepKind.LOG_PULL),
    "INCR_SYNC": ("Incremental synchronization", StepKind.INCREMENTAL),
    "INCR_TRANSFER": ("Incremental synchronization", StepKind.INCREMENTAL),
    "CONNECTOR_INCR_SYNC": ("Incremental synchronization", StepKind.INCREMENTAL),
    "APP_SWITCH": ("Forward switchover", StepKind.SWITCHOVER),
    "TRANSFER_APP_SWITCH": ("Forward switchover", StepKind.SWITCHOVER),
    "REVERSE_INCR_SYNC": ("Reverse incremental synchronization", StepKind.REVERSE),
    "REVERSE_INCR_TRANSFER": ("Reverse incremental synchronization", StepKind.REVERSE),
}

_KINDS = {name: kind for name, (_, kind) in STEP_NAMES.items()}


@dataclass(frozen=True, slots=True)
class ErrorDetail:
    """One error as OMS words it; the one shape of `errorDetail` and of `extraInfo.errorDetails[]`.

    Placeholders in `message`, `reason` and `proposal` are filled from their contexts already.
    """

    code: str | None = None
    level: str | None = None
    message: str | None = None
    reason: str | None = None
    proposal: str | None = None
    extra_context: Mapping[str, str] = field(default_factory=dict)
    message_key: str | None = None
    reason_key: str | None = None
    proposal_key: str | None = None
    upstream: "ErrorDetail | None" = None


@dataclass(frozen=True, slots=True)
class StepError:
    """What `extraInfo` says. It outlives a recovery: only the status says that a step is failed."""

    code: str | None = None
    message: str | None = None
    params: Mapping[str, str] = field(default_factory=dict)
    failed_at: int | None = None
    details: tuple[ErrorDetail, ...] = ()

    @property
    def chief(self) -> ErrorDetail:
        """The one detail to show first: the first of `details`, its gaps filled from the short form."""
        first = self.details[0] if self.details else ErrorDetail()
        return ErrorDetail(
            code=first.code or self.code,
            level=first.level,
            message=first.message or self.message,
            reason=first.reason,
            proposal=first.proposal,
            extra_context=first.extra_context,
            message_key=first.message_key,
            reason_key=first.reason_key,
            proposal_key=first.proposal_key,
            upstream=first.upstream,
        )


@dataclass(frozen=True, slots=True)
class StepInfo:
    """What `stepInfo` says; a field that the step's kind does not have is None.

    Units: records; records a second (`*_rps`); milliseconds a record (`*_rt_ms`); bytes a second
    (`*_iops`, OMS's own name for it); epoch seconds (`checkpoint_s`, `sampled_s`).
    """

    processed_records: int | None = None
    capacity: int | None = None
    src_rps: float | None = None
    src_rt_ms: float | None = None
    src_iops: float | None = None
    dst_rps: float | None = None
    dst_rt_ms: float | None = None
    dst_iops: float | None = None
    src_rps_ref: float | None = None
    src_rt_ref_ms: float | None = None
    src_iops_ref: float | None = None
    dst_rps_ref: float | None = None
    dst_rt_ref_ms: float | None = None
    checkpoint_s: int | None = None
    sampled_s: int | None = None
    incr_statistics: bool | None = None
    estimated_total: int | None = None
    finished_count: int | None = None
    estimated_remaining_s: int | None = None
    overview_progress: int | None = None
    inconsistencies: int | None = None
    validated: int | None = None
    skipped: int | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a project. `progress` is percent, 0 to 100."""

    name: str
    status: StepStatus
    raw_status: str
    order: int | None = None
    description: str | None = None
    progress: int | None = None
    started_at: int | None = None
    finished_at: int | None = None
    error: StepError | None = None
    info: StepInfo | None = None

    @property
    def label(self) -> str:
        """Our own English name of the step; the raw name where it is not a known one."""
        return STEP_NAMES[self.name][0] if self.name in STEP_NAMES else self.name

    @property
    def kind(self) -> StepKind:
        return _KINDS.get(self.name, StepKind.OTHER)

    @property
    def failed(self) -> bool:
        return self.status is StepStatus.FAILED

    @property
    def failed_at(self) -> int | None:
        return self.error.failed_at if self.error else None

    @property
    def lag_s(self) -> int | None:
        """Seconds that incremental data is behind: sample time minus checkpoint, never below 0."""
        info = self.info
        if info is None or info.sampled_s is None or info.checkpoint_s is None:
            return None
        return max(0, info.sampled_s - info.checkpoint_s)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The steps of a project as one answer gave them, sorted by order.

    `observed_at` is our clock when the answer came; `server_at` is the server's own (`Date` header).
    `digest` tells in this process alone whether another answer says the same.
    """

    steps: tuple[Step, ...]
    observed_at: int
    server_at: int | None = None
    request_id: str | None = None
    cost: str | None = None
    digest: int | None = field(default=None, compare=False)

    def keyed(self) -> Sequence[tuple[str, Step]]:
        """The steps as (key, step); the key is the name, and `NAME#2`, `NAME#3` for later steps of one name.

        Keys are unique: one that is itself the name of a step is left to that step. The order is no part of
        a key: a step that OMS inserts shifts every later order.
        """
        names = {step.name for step in self.steps}
        if len(names) == len(self.steps):
            return [(step.name, step) for step in self.steps]
        return list(self._numbered(names))

    def _numbered(self, names: Collection[str]) -> Iterator[tuple[str, Step]]:
        seen: dict[str, int] = {}
        for step in self.steps:
            key, count = step.name, seen.get(step.name, 0) + 1
            while count > 1 and (key := f"{step.name}#{count}") in names:
                count += 1
            seen[step.name] = count
            yield key, step

    def by_key(self) -> dict[str, Step]:
        return dict(self.keyed())


@dataclass(frozen=True, slots=True)
class ProjectSummary:
    """One project as ListProjects lists it. `status` is OMS's own word, kept raw."""

    ref: ProjectRef
    name: str | None
    type: str | None
    status: str | None
    steps: tuple[Step, ...] = ()
