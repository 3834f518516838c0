"""A stand-in for Slack: the Web API, Socket Mode, and a page where a person types and clicks."""

from omsbot.sandbox.slack.people import ANA, DEFAULT_SCOPES
from omsbot.sandbox.slack.standin import DEFAULT_EVENTS, CommandResult, SlackStandIn

__all__ = ["ANA", "DEFAULT_EVENTS", "DEFAULT_SCOPES", "CommandResult", "SlackStandIn"]
