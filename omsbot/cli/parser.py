"""The arguments of every command, with their help."""

import argparse
from collections.abc import Callable
from importlib import import_module
from typing import Any

EPILOG = """\
settings:
  environment variables, or omsbot.toml in the working directory (OMSBOT_CONFIG names another file);
  `omsbot doctor` says what is missing

examples:
  omsbot demo                      see it work, with stand-ins for OMS and Slack
  omsbot doctor                    check settings, database, OMS and Slack
  omsbot run                       run the bot
  omsbot steps np_4w3r7k1m9x2c     ask OMS once and print the answer

exit status: 0 all went well, 1 a problem (told on stderr), 2 a wrong command line
"""

# Beyond, a real second (from one pass of the bot to the next) is longer than what there is to be seen.
MOST_FAST = 600

Parsers = Any  # argparse keeps the type of its sub-parsers to itself


def build_parser() -> argparse.ArgumentParser:
    """Return the parser; the chosen command is the attribute `command`, a function of the arguments."""
    parser = argparse.ArgumentParser(
        prog="omsbot",
        description="A Slack bot that watches OceanBase Migration Service projects.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("--version", action=_ShowVersion, nargs=0, help="print the version and exit")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for add in (_add_run, _add_demo, _add_sandbox, _add_steps, _add_doctor, _add_db):
        add(commands)
    return parser


def _late(module: str, function: str) -> Callable[[argparse.Namespace], int]:
    def command(asked: argparse.Namespace) -> int:
        run: Callable[[argparse.Namespace], int] = getattr(import_module(f"omsbot.cli.{module}"), function)
        return run(asked)

    return command


def _add(
    commands: Parsers, name: str, help_text: str, *, description: str = "", epilog: str | None = None
) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = commands.add_parser(
        name,
        help=help_text,
        description=description or f"{help_text[0].upper()}{help_text[1:]}.",
        epilog=epilog,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    return parser


def _add_run(commands: Parsers) -> None:
    parser = _add(
        commands,
        "run",
        "run the bot until SIGTERM or Ctrl-C",
        description="Run the bot until SIGTERM or Ctrl-C. Serves /healthz, /readyz and /metrics on\n"
        "OMSBOT_HTTP_HOST:OMSBOT_HTTP_PORT (127.0.0.1:8480); /readyz answers 200 once it is at work.",
    )
    parser.set_defaults(command=_late("run", "run"))


def _add_demo(commands: Parsers) -> None:
    parser = _add(
        commands,
        "demo",
        "run the bot with stand-ins for OMS and Slack",
        description="Run the real bot against an OMS simulator and a Slack stand-in on this machine, and\n"
        "print the address of a page to open. Nothing leaves the machine; no token is needed.",
        epilog=f"""\
--fast N runs the clock of OMS, of the bot, and of Slack's messages and limits N times faster,
from 1 to {MOST_FAST}: 60 shows an hour in a minute, {MOST_FAST} a pause of 13 hours in 80 seconds. The bot
looks once a real second, so what lasts less than N seconds can pass unseen: 60 is a good choice,
more is for what takes hours. A call to a stand-in takes its real time, and the clock slows
down to it meanwhile; an OMS that hangs slows the whole demo down. Clicking is not sped up.
""",
    )
    parser.add_argument(
        "--port", type=_port, default=8088, help="port of the page (8088; another one if taken)"
    )
    parser.add_argument(
        "--fast", type=_fast, default=1.0, metavar="N", help="run the clock N times faster (see below)"
    )
    parser.add_argument("--seconds", type=_factor, metavar="N", help="end by itself after N seconds")
    parser.add_argument(
        "--database", metavar="URL", help="use and keep this database (default: a temporary one)"
    )
    parser.add_argument("-v", "--verbose", action="store_true", help="write the bot's log to stderr")
    parser.set_defaults(command=_late("demo", "demo"))


def _add_sandbox(commands: Parsers) -> None:
    sandbox = _add(commands, "sandbox", "run one stand-in alone: `sandbox oms` or `sandbox slack`")
    kinds = sandbox.add_subparsers(title="stand-ins", metavar="STAND-IN", required=True)
    oms = _add(kinds, "oms", "an OMS simulator whose projects play scenarios")
    _add_address(oms, 8089)
    oms.add_argument("--fast", type=_factor, default=1.0, metavar="N", help="run its time N times faster")
    oms.add_argument(
        "--many", type=_count, metavar="N", help="N projects in a mix for load, not the demo's few"
    )
    oms.set_defaults(command=_late("sandbox", "oms"))
    slack = _add(kinds, "slack", "a Slack stand-in with a web page to type and click in")
    _add_address(slack, 8088)
    slack.add_argument("--no-limits", action="store_true", help="never answer 429")
    slack.set_defaults(command=_late("sandbox", "slack"))


def _add_address(parser: argparse.ArgumentParser, port: int) -> None:
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (127.0.0.1)")
    parser.add_argument("--port", type=_port, default=port, help=f"port to listen on ({port}; 0 takes any)")


def _add_steps(commands: Parsers) -> None:
    parser = _add(commands, "steps", "ask OMS for a project's steps and print them")
    parser.add_argument(
        "ref", metavar="REF", help="np_xxx, server:np_xxx, or the address of its console page"
    )
    parser.add_argument("--json", action="store_true", help="print JSON: one object with the steps in order")
    parser.set_defaults(command=_late("steps", "steps"))


def _add_doctor(commands: Parsers) -> None:
    parser = _add(
        commands,
        "doctor",
        "check settings, database, OMS, Slack and clock",
        description="Check settings, database, OMS login, Slack tokens and scopes, and the clock: one line\n"
        "each, with what to do where it is red. Ends with 1 if something is red.",
    )
    parser.set_defaults(command=_late("doctor", "doctor"))


def _add_db(commands: Parsers) -> None:
    db = _add(commands, "db", "upgrade, show or back up the database")
    actions = db.add_subparsers(title="actions", metavar="ACTION", required=True)
    _add(actions, "upgrade", "bring the tables up to this version").set_defaults(
        command=_late("db", "upgrade")
    )
    _add(actions, "current", "say which revision the database has").set_defaults(
        command=_late("db", "current")
    )
    backup = _add(actions, "backup", "copy an SQLite database, also while the bot runs")
    backup.add_argument("path", metavar="PATH", help="the new file; an existing one is not overwritten")
    backup.set_defaults(command=_late("db", "backup"))


class _ShowVersion(argparse.Action):
    """Read the version only when it is asked for: importlib.metadata is slow to import."""

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        from importlib.metadata import version

        print(f"omsbot {version('omsbot')}")
        parser.exit()


def _port(text: str) -> int:
    if not text.isdecimal() or int(text) > 65_535:
        raise argparse.ArgumentTypeError(f"{text!r} is not a port (0 to 65535)")
    return int(text)


def _factor(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = 0.0
    if not 0 < number < 1_000_000:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number above 0")
    return number


def _fast(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = 0.0
    if not 1 <= number <= MOST_FAST:
        raise argparse.ArgumentTypeError(f"{text!r} is not a pace from 1 to {MOST_FAST}")
    return number


def _count(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 100_000:
        raise argparse.ArgumentTypeError(f"{text!r} is not a count from 1 to 100000")
    return int(text)
