"""A simulated OMS: a fleet of projects that play scenarios behind OMS's API."""

from omsbot.sandbox.oms.simulator import DEMO_PASSWORD, DEMO_USER, OmsSimulator
from omsbot.sandbox.scenarios import SimulatedProject, demo_projects, many

__all__ = ["DEMO_PASSWORD", "DEMO_USER", "OmsSimulator", "SimulatedProject", "demo_projects", "many"]
