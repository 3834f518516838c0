"""The entry of `omsbot` and of `python -m omsbot`."""

import sys

from omsbot.cli import run_command_line


def main() -> int:
    """Run the command line; the exit status is what `omsbot.cli` documents."""
    return run_command_line(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
