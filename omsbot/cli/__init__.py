"""The command line: the parser, and the way from any expected problem to one line and an exit status.

Exit status: 0 when all went well, 1 when there was a problem (told on stderr), 2 when the command itself
was wrong. Each command imports what it needs when it runs, so that `omsbot --help` is instant.
"""

import os
import sys
from collections.abc import Sequence

from omsbot.cli.parser import build_parser
from omsbot.cli.problems import lines_of

INTERRUPTED = 130


def run_command_line(arguments: Sequence[str]) -> int:
    """Parse and run one command; return its exit status."""
    parser = build_parser()
    asked = parser.parse_args(arguments)
    try:
        status: int = asked.command(asked)
        sys.stdout.flush()
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        # The reader has gone (`omsbot steps ... | head`); without this the interpreter complains at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as error:
        lines = lines_of(error)
        if lines is None:
            raise
        for line in lines:
            print(f"omsbot: {line}", file=sys.stderr)
        return 1
    return status
