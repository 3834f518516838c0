"""Our own advice on an error: found by its code, by what its text says, by its family, or by the step.

The families are those of OMS's codes: `GHANA-*` (console and API), `CM-*` (cluster management),
`CONNECTOR-*` (the components that read and write rows), `SUPERVISOR-*` (the agent on an OMS host).
"""

from omsbot.domain.advice.find import advise
from omsbot.domain.advice.words import Advice, Clue, Component, Found

__all__ = ["Advice", "Clue", "Component", "Found", "advise"]
