"""`omsbot run`: the bot itself."""

import argparse
import asyncio
import logging
import os
from pathlib import Path

from omsbot import logs
from omsbot.config import load

logger = logging.getLogger(__name__)


def run(_asked: argparse.Namespace) -> int:
    """Read the settings and run until told to stop."""
    settings = load(environ=os.environ, cwd=Path.cwd())
    from omsbot.app import run as run_bot  # takes a second: what is wrong with the settings is told before

    logs.configure(settings.log_level, settings.log_format, secrets=settings.secrets())
    for warning in settings.warnings:
        logger.warning(warning)
    asyncio.run(run_bot(settings))
    return 0
