"""Advice by OMS's own codes: those that name the trouble, and those (and families) that name the place."""

from collections.abc import Mapping, Sequence

from omsbot.domain.advice.words import Advice, Component

# codes that settle it, whatever the text says
BY_CODE: Mapping[str, Advice] = {
    "GHANA-OPERAT000001": Advice(
        "A service of OMS does not answer, as a rule cluster management (CM).",
        "On the OMS host, `supervisorctl status`: start what is down, then resume the project.",
        Component.CM,
    ),
    "GHANA-PROJECT000001": Advice(
        "The project was released or deleted in OMS.",
        "If that was meant, unsubscribe from it; a released project does not come back.",
        Component.CONSOLE,
    ),
    "CM-RESONF000003": Advice(
        "No OMS host has enough memory, CPU or disk left for another component.",
        "The use of the OMS hosts in the console; release projects that are done, or add a host.",
        Component.CM,
    ),
}

# a text that says why comes before these; the longest prefix first
BY_FAMILY: Sequence[tuple[str, Advice]] = (
    (
        "GHANA-MIGRAT000201",
        Advice(
            "Some tables or views could not be created on the target.",
            "Schema migration in the console, filtered by the failed ones: each has its own error.",
            Component.DBCAT,
        ),
    ),
    (
        "CM-SCHEOR000021",
        Advice(
            "CM found a component of the project stopped.",
            "View Component Monitoring in the project: the log of the component that does not run.",
        ),
    ),
    (
        "PARAM_ERROR",
        Advice(
            "OMS refuses a parameter of the project.",
            "The project's settings, against the message; another OMS version may have made it.",
            Component.CONSOLE,
        ),
    ),
    (
        "GHANA-OPERAT",
        Advice(
            "A service of OMS failed or is down.",
            "On the OMS host, `supervisorctl status`; then the log of what does not run.",
            Component.CONSOLE,
        ),
    ),
    (
        "GHANA-OPERIE",
        Advice(
            "The OMS console met an internal error.",
            "Retry the step in the console once; if it fails again, keep the console's log for OMS support.",
            Component.CONSOLE,
        ),
    ),
    (
        "GHANA-",
        Advice(
            "The OMS console could not do what the step needs.",
            "Open the step in the console and retry it once; the console's log says more.",
            Component.CONSOLE,
        ),
    ),
    (
        "CM-",
        Advice(
            "Cluster management could not start or keep a component.",
            "In the console, whether the OMS hosts are online and have memory, CPU and disk left.",
            Component.CM,
        ),
    ),
    (
        "CONNECTOR-",
        Advice(
            "The component that reads the source or writes the target stopped.",
            "View Component Monitoring in the project: its log names the table or the connection.",
        ),
    ),
    (
        "SUPERVISOR-",
        Advice(
            "The agent on an OMS host failed or is overloaded.",
            "`supervisorctl status oms_drc_supervisor` on the OMS host, its memory and its disk.",
            Component.SUPERVISOR,
        ),
    ),
)
