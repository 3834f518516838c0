"""Which exceptions are no fault of the program: each is told in plain lines instead of a traceback."""


class CommandProblem(Exception):  # noqa: N818 - what a person has to mend, not a fault of the program
    """A command that cannot go on; the message is one sentence for the person who typed it."""


def lines_of(error: Exception) -> tuple[str, ...] | None:
    """Return the lines to show for an expected problem, None for a fault of the program."""
    from omsbot.config import ConfigProblem
    from omsbot.db.engine.problems import DatabaseProblem
    from omsbot.domain.project.oms_error import OmsError

    if isinstance(error, ConfigProblem):
        return error.lines
    if isinstance(error, OmsError):
        return (f"{str(error).rstrip('.')}. {error.facts.what_to_do(error.server)}",)
    if isinstance(error, CommandProblem | DatabaseProblem):
        return (str(error),)
    return None
