"""The failures that simulated steps show, in the shape in which OMS reports them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

NO_PARAMS: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class OmsFailure:
    """One error of OMS; texts may hold `{placeholders}` that `params` fill.

    With `message_key` set, the details withhold `message` and give only the key and its context, as some
    servers do.
    """

    code: str
    message: str
    level: str = "ERROR"
    reason: str | None = None
    proposal: str | None = None
    params: Mapping[str, str] = field(default_factory=lambda: NO_PARAMS)
    message_key: str | None = None

    def filled(self) -> str:
        """The message with its placeholders filled; what has no value stays as it stands."""
        text = self.message
        for name, value in self.params.items():
            text = text.replace("{" + name + "}", value)
        return text

    def detail(self) -> dict[str, object]:
        """The object that stands in `errorDetails[]` and in `errorDetail`."""
        params = dict(self.params) or None
        return {
            "code": self.code,
            "level": self.level,
            "message": None if self.message_key else self.message,
            "reason": self.reason,
            "proposal": self.proposal,
            "extraContext": params,
            "messageMcmsKey": self.message_key,
            "messageMcmsContext": params if self.message_key else None,
            "reasonMcmsKey": None,
            "reasonMcmsContext": None,
            "proposalMcmsKey": None,
            "proposalMcmsContext": None,
            "upstreamErrorDetail": None,
        }


TARGET_OUT_OF_SPACE = OmsFailure(
    code="CONNECTOR-JDBCSINK000021",
    level="FATAL",
    message="Full import into {schema}.{table} stopped: the data disk of the tenant {tenant} is full.",
    reason="The target answered error 4184 (server out of disk space) to {retries} attempts in a row.",
    proposal="Add disk space to the tenant {tenant} or drop what it does not need, then resume the project.",
    params=MappingProxyType(
        {"schema": "shop", "table": "order_items", "tenant": "ob_shop#cluster1", "retries": "32"}
    ),
)

BINLOG_OFF = OmsFailure(
    code="GHANA-PRECHK000112",
    message="The precheck item {item} did not pass: binlog_format is {actual}, and {expected} is needed.",
    reason="Incremental synchronization reads row images from the binary log of the source.",
    proposal="Run SET GLOBAL binlog_format = 'ROW' on the source, then run the precheck again.",
    params=MappingProxyType({"item": "SOURCE_BINLOG_FORMAT", "actual": "STATEMENT", "expected": "ROW"}),
)

AGENT_LOST = OmsFailure(
    code="SUPERVISOR-AGENT000007",
    level="WARNING",
    message="The full import component {component} on {host} stopped answering and is being started again.",
    proposal="Wait two minutes. If it stays failed, look at the supervisor's log on {host}.",
    params=MappingProxyType({"component": "Full-Import-0001-003", "host": "10.20.0.17"}),
    message_key="supervisor.component.restarting",
)

LOGS_EXPIRED = OmsFailure(
    code="CM-STORE000045",
    level="FATAL",
    message="The incremental log of {position} is no longer kept, the project cannot go on from there.",
    reason="The project was paused for longer than the logs are retained.",
    proposal="Release this project and create a new one.",
    params=MappingProxyType({"position": "the last checkpoint"}),
)

INJECTED = OmsFailure(
    code="CONNECTOR-JDBCSINK000003",
    message="Writing to table {table} failed: lock wait timeout exceeded.",
    reason="Another transaction on the target holds the lock for longer than 50 s.",
    proposal="Find the long transaction on the target and end it, then resume the project.",
    params=MappingProxyType({"table": "shop.orders"}),
)
