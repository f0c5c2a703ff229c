"""``sop-bot migrate``."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from bot.cli.common import FINE, Commands, command
from bot.console import console
from bot.store.database import open_engine
from bot.store.migrate import head, migrate

if TYPE_CHECKING:
    from bot.settings import Settings


def add(commands: Commands) -> None:
    """Add the command."""
    command(commands, "migrate", _migrate, "cli.migrate")


def _migrate(settings: Settings, _: argparse.Namespace) -> int:
    engine = open_engine(settings.database_url)
    try:
        migrate(engine)
    finally:
        engine.dispose()
    print(console("cli.migrated", revision=head()))
    return FINE
