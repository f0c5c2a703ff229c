"""``sop-bot run``, ``start`` and ``demo``."""

from __future__ import annotations

import argparse
import asyncio
import signal
from typing import TYPE_CHECKING

from bot.app import make_app
from bot.cli.common import FINE, REFUSED, Commands, Refused, command
from bot.console import console
from bot.web.server import CannotListen

if TYPE_CHECKING:
    from bot.settings import Settings


def add(commands: Commands) -> None:
    """Add the commands."""
    command(commands, "run", run, "cli.run")
    command(commands, "start", _start, "cli.start")
    _demo_arguments(command(commands, "demo", _demo, "cli.demo"))


def _demo_arguments(demo: argparse.ArgumentParser) -> None:
    demo.add_argument("--port", type=int, default=8080, help=console("cli.demo_port"))
    demo.add_argument("--sop", metavar="ID", help=console("cli.demo_sop"))
    demo.add_argument("--auto", action="store_true", help=console("cli.demo_auto"))
    demo.add_argument("--skenario", choices=["pekan"], help=console("cli.demo_scenario"))
    demo.add_argument("--speed", type=float, default=0.0, metavar="KALI", help=console("cli.demo_speed"))


def run(settings: Settings, _: argparse.Namespace) -> int:
    """Serve until told to stop."""

    async def serve() -> None:
        try:
            app = make_app(settings)
        except CannotListen as error:
            raise Refused(console("cli.no_listen", address=settings.listen, why=error.why)) from None
        if not app.runner.library.sops:
            raise Refused(console("cli.no_sop", folder=settings.sop_dir))
        loop = asyncio.get_running_loop()
        for name in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(name, app.stop)
        try:
            await app.run()
        finally:
            app.runner.store.close()

    asyncio.run(serve())
    return FINE


def _start(settings: Settings, chosen: argparse.Namespace) -> int:
    """Serve with a token; without one play the demo, and say so."""
    if settings.bot_token is not None:
        print(console("cli.with_token", server=settings.bot_api_url or "Telegram"))
        return run(settings, chosen)
    print(console("demo.no_token"))
    alone = argparse.ArgumentParser()
    _demo_arguments(alone)
    return _demo(settings, alone.parse_args([]))


def _demo(settings: Settings, chosen: argparse.Namespace) -> int:
    # A server and a page that the bot itself never needs: loaded only here.
    from bot.demo.play import UnknownSopError, auto  # noqa: PLC0415 - see above
    from bot.demo.serve import DemoRefusedError, serve  # noqa: PLC0415 - see above
    from bot.demo.week.play import perform  # noqa: PLC0415 - see above

    try:
        if chosen.skenario:
            return FINE if perform(settings, chosen.skenario) else REFUSED
        if chosen.auto:
            return FINE if auto(settings, sop_id=chosen.sop, speed=chosen.speed) else REFUSED
        serve(settings, port=chosen.port, sop_id=chosen.sop)
    except (UnknownSopError, DemoRefusedError) as refusal:
        raise Refused(str(refusal)) from None
    return FINE
