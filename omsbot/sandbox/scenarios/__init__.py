"""What simulated projects do over time, as pure functions of the time that passed."""

from omsbot.sandbox.scenarios.catalogue import SCENARIOS, SimulatedProject, demo_projects, many

__all__ = ["SCENARIOS", "SimulatedProject", "demo_projects", "many"]
