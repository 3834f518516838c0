"""Advice where all that is known is which step failed, and the component that does each kind of step."""

from collections.abc import Mapping

from omsbot.domain.advice.words import Advice, Component
from omsbot.domain.project.project import StepKind

COMPONENTS: Mapping[StepKind, Component] = {
    StepKind.SCHEMA: Component.DBCAT,
    StepKind.INDEX: Component.DBCAT,
    StepKind.FULL_COPY: Component.FULL_IMPORT,
    StepKind.VERIFICATION: Component.FULL_VERIFICATION,
    StepKind.LOG_PULL: Component.STORE,
    StepKind.INCREMENTAL: Component.INCR_SYNC,
    StepKind.REVERSE: Component.INCR_SYNC,
}

BY_STEP: Mapping[StepKind, Advice] = {
    StepKind.PRECHECK: Advice(
        "A precondition is not met; a failed precheck does not recover by itself.",
        "The precheck in the console: each failed item says what it needs. Then run it again.",
        Component.CONSOLE,
    ),
    StepKind.SCHEMA: Advice(
        "An object could not be created on the target.",
        "Schema migration in the console: correct or skip the objects that failed, then resume.",
    ),
    StepKind.INDEX: Advice(
        "An index could not be created on the target.",
        "The index in the console; usual reasons are duplicate keys, and the target's memory and disk.",
    ),
    StepKind.FULL_COPY: Advice(
        "Reading the source or writing the target failed.",
        "View Component Monitoring: the log of Full-Import; then both data sources' connections.",
    ),
    StepKind.LOG_PULL: Advice(
        "The source's log cannot be read.",
        "The log of Store; then the source's log settings and retention, and the user's privileges.",
    ),
    StepKind.INCREMENTAL: Advice(
        "A change could not be read from Store or written to the target.",
        "View Component Monitoring: the log of Incr-Sync; its last statement usually names the table.",
    ),
    StepKind.VERIFICATION: Advice(
        "Source and target could not be compared.",
        "Both data sources' connections; then the verification's own log in the console.",
    ),
    StepKind.SWITCHOVER: Advice(
        "The switchover stopped halfway.",
        "Which of its parts failed, in the console, before anyone writes to either side.",
    ),
    StepKind.REVERSE: Advice(
        "Changes cannot be written back to the old source.",
        "Whether the old source is up and still accepts the migration's user.",
    ),
}
