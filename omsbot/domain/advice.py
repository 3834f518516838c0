"""Our own advice on an error, for where OMS gives none: by code, by what the text says, by family, by step.

The families are those of OMS's error codes: `GHANA-*` (console and API), `CM-*` (cluster management),
`CONNECTOR-*` (full import and incremental synchronization), `SUPERVISOR-*` (the agent on an OMS host).
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from omsbot.domain.project import ErrorDetail, StepKind


@dataclass(frozen=True, slots=True)
class Advice:
    """The probable cause, and the first thing to do; both are whole sentences."""

    cause: str
    what_to_do: str


BY_CODE: Mapping[str, Advice] = {
    "GHANA-OPERAT000001": Advice(
        "OMS's cluster management (CM) probably does not run.",
        "Look at the processes on the OMS host (`supervisorctl status`), start what is down, then "
        "resume the project.",
    ),
    "GHANA-PROJECT000001": Advice(
        "The project was released or deleted in OMS.",
        "If that was meant, unsubscribe from it; a released project does not come back.",
    ),
    "PARAM_ERROR": Advice(
        "OMS refuses a parameter of the project.",
        "Compare the project's settings with the message; a project made by another OMS version may "
        "need to be made anew.",
    ),
}

# what an error's text says (any of these patterns), most telling first
BY_TEXT: Sequence[tuple[Sequence[str], Advice]] = (
    (
        ("access denied", "authentication fail", r"password.{0,20}(expired|incorrect)", "ORA-01017"),
        Advice(
            "The database rejects the user that the migration works with.",
            "Test the data source's connection in the OMS console: the password may have expired or "
            "changed, the user may be locked or lack a privilege.",
        ),
    ),
    (
        ("no space left", r"disk (is )?full", "disk quota"),
        Advice(
            "A disk is full.",
            "Free space on the OMS host or the database that the message names, then resume the project.",
        ),
    ),
    (
        ("OutOfMemory", "GC overhead", "Java heap"),
        Advice(
            "The OMS component ran out of memory.",
            "Lower the step's concurrency or give the component more memory in its parameters, then resume.",
        ),
    ),
    (
        (r"\blogs?\b.{0,40}(purged|not found|missing)", "could not find first log", "ORA-01291"),
        Advice(
            "The source's log may no longer hold the position where the synchronization stands.",
            "Check how long the source keeps its logs; where the position is gone, only a new full "
            "migration helps.",
        ),
    ),
    (
        (r"duplicate (entry|key)", "unique constraint", "primary key conflict", "not empty"),
        Advice(
            "The target holds rows that the migration wants to write.",
            "Find out where they come from before you clear anything; then empty the table or choose how "
            "conflicts are treated, and resume.",
        ),
    ),
    (
        ("unknown column", r"table .{0,80}doesn.?t exist", "data too long", r"incorrect .{0,20}value"),
        Advice(
            "The tables of source and target differ.",
            "Compare the definition of the table that the message names on both sides, repair the target, "
            "then resume.",
        ),
    ),
    (
        (
            "communications link",
            r"connect(ion)? (refused|reset|timed out)",
            "no route to host",
            "unknown host",
        ),
        Advice(
            "An OMS component cannot reach a database.",
            "Check that the database is up, and the network and firewall between it and the OMS host; "
            "then resume.",
        ),
    ),
    (
        (r"timed? ?out", "lock wait"),
        Advice(
            "Something answers too slowly: a loaded database, a long transaction or a lock.",
            "Look at the load and the long transactions of the database that the message names, then resume.",
        ),
    ),
)

# the longest prefix first
BY_FAMILY: Sequence[tuple[str, Advice]] = (
    (
        "GHANA-OPERAT",
        Advice(
            "A component of OMS failed or is down.",
            "Look at the processes on the OMS host (`supervisorctl status`) and at the component's log in "
            "the console.",
        ),
    ),
    (
        "GHANA-OPERIE",
        Advice(
            "The OMS console met an internal error.",
            "Retry the step in the console once; if it fails again, keep the console's log for OMS support.",
        ),
    ),
    (
        "GHANA-",
        Advice(
            "The OMS console or its API refused or failed.",
            "Open the project in the console and retry the step; the console's log says more.",
        ),
    ),
    (
        "CM-",
        Advice(
            "OMS's cluster management could not do what the step needs.",
            "Check in the console that the machines of OMS are online and have room for another component.",
        ),
    ),
    (
        "CONNECTOR-",
        Advice(
            "The component that reads the source or writes the target stopped.",
            "Open the component's log from the step in the console: its last error names the table or the "
            "connection. Repair that, then resume.",
        ),
    ),
    (
        "SUPERVISOR-",
        Advice(
            "The agent on an OMS host failed or is overloaded.",
            "Check memory, disk and the supervisor process on the OMS host that the console names.",
        ),
    ),
)

BY_STEP: Mapping[StepKind, Advice] = {
    StepKind.PRECHECK: Advice(
        "A precondition of the migration is not met; a failed precheck does not recover by itself.",
        "Open the precheck in the console: each failed item says what it needs. Repair them, then run "
        "the precheck again.",
    ),
    StepKind.SCHEMA: Advice(
        "An object's definition could not be made on the target.",
        "Open the list of objects in the console, correct or skip those that failed, then resume.",
    ),
    StepKind.INDEX: Advice(
        "An index could not be made on the target.",
        "Look at the index in the console: duplicate keys, disk space and memory of the target are the "
        "usual reasons.",
    ),
    StepKind.FULL_COPY: Advice(
        "Reading the source or writing the target failed.",
        "Open the component's log from the step in the console; check both data sources' connections, "
        "then resume.",
    ),
    StepKind.LOG_PULL: Advice(
        "The source's log cannot be read.",
        "Check the log settings and retention of the source, and the privileges of the migration's user.",
    ),
    StepKind.INCREMENTAL: Advice(
        "A change could not be read from the source or written to the target.",
        "Open the component's log from the step in the console: its last statement usually names the table.",
    ),
    StepKind.VERIFICATION: Advice(
        "Source and target could not be compared.",
        "Check both data sources' connections; then look at the verification's own log in the console.",
    ),
    StepKind.SWITCHOVER: Advice(
        "The switchover stopped half way.",
        "See in the console which of its parts failed before you write to either side.",
    ),
    StepKind.REVERSE: Advice(
        "Changes cannot be written back to the old source.",
        "Check that the old source is up and still accepts the migration's user.",
    ),
}


def advise(error: ErrorDetail | None, kind: StepKind = StepKind.OTHER) -> Advice | None:
    """The most special advice that fits an error in a step of this kind; None where nothing fits."""
    said = error or ErrorDetail()
    code = (said.code or "").strip().upper()
    texts = " ".join(filter(None, (said.message, said.reason)))
    return (
        BY_CODE.get(code)
        or next((advice for patterns, advice in BY_TEXT if _says(texts, patterns)), None)
        or next((advice for prefix, advice in BY_FAMILY if code.startswith(prefix)), None)
        or BY_STEP.get(kind)
    )


def _says(texts: str, patterns: Sequence[str]) -> bool:
    return any(re.search(pattern, texts, re.IGNORECASE) for pattern in patterns)
