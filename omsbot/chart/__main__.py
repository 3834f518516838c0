"""Read a picture from standard input, write its PNG to standard output."""

import os
import sys

from omsbot.chart.drawing import draw
from omsbot.domain.reports.chart import Picture


def main() -> None:
    os.nice(5)  # the bot beside it goes first; any nicer, and a busy machine would draw for half a minute
    sys.stdout.buffer.write(draw(Picture.from_json(sys.stdin.read())))


if __name__ == "__main__":
    main()
