"""The settings: read from the environment and `omsbot.toml`, validated once, passed on as plain values."""

from omsbot.config.load import examine, load
from omsbot.config.problem import ConfigProblem
from omsbot.config.settings import Secret, ServerSettings, Settings

__all__ = ["ConfigProblem", "Secret", "ServerSettings", "Settings", "examine", "load"]
