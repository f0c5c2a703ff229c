"""The composition root: the only place that wires everything together."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from telegram.error import InvalidToken, TelegramError

from bot.clock import Clock, SystemClock
from bot.gateway.delivery import Courier
from bot.gateway.intake import Intake, Timing
from bot.gateway.introduce import Menus
from bot.gateway.pacing import Limits
from bot.gateway.telegram_api import make_bot
from bot.scheduler import Wakener
from bot.services.keyring import Keyring
from bot.services.library import Library
from bot.services.publish import publish
from bot.services.updates import register_bot
from bot.services.work import Runner
from bot.sop_files.calendars import load_calendars
from bot.sop_files.loader import CALENDARS, load_folder
from bot.store.database import Store, open_engine
from bot.store.migrate import migrate

if TYPE_CHECKING:
    from bot.gateway.telegram_api import Bot
    from bot.settings import Settings

log = logging.getLogger(__name__)

_RETRY_SECONDS = 5.0
_LAST_SENDS_SECONDS = 25.0


def read_library(settings: Settings) -> Library:
    """Read definitions and calendars; what is broken is logged and left out."""
    loaded = load_folder(settings.sop_dir)
    for problem in loaded.problems:
        log.error("%s:%s: %s", problem.file, problem.line, problem.message, extra={"action": "definition.broken"})
    calendars = loaded.calendars or load_calendars(settings.sop_dir / CALENDARS)
    keyring = Keyring.of_token(settings.bot_token) if settings.bot_token else Keyring.passing()
    return Library({sop.id: sop for sop in loaded.sops}, calendars, settings.admin_ids, keyring=keyring)


def open_runner(settings: Settings, clock: Clock | None = None) -> Runner:
    """Bring the database to the newest schema and the files' content, and return what runs use cases."""
    engine = open_engine(settings.database_url)
    migrate(engine)
    runner = Runner(Store(engine), clock or SystemClock(), read_library(settings))
    runner.run_now(publish)
    return runner


class App:
    """The bot as a whole: intake, delivery and reminders around one store."""

    def __init__(
        self,
        runner: Runner,
        bot: Bot,
        *,
        limits: Limits | None = None,
        timing: Timing | None = None,
    ) -> None:
        """Wire the parts; nothing starts yet."""
        self.runner = runner
        self.bot = bot
        self.courier = Courier(bot, runner, limits or Limits())
        self.menus = Menus(bot, runner)
        self.wakener = Wakener(runner, wake_courier=self.courier.wake, on_sweep=self.menus.refresh)
        self.intake = Intake(bot, runner, timing)
        self._stop = asyncio.Event()

    def stop(self) -> None:
        """Finish what is in hand, then end ``run``."""
        self._stop.set()
        self.intake.stop()

    async def run(self) -> None:
        """Serve until stopped; raises telegram.error.InvalidToken where Telegram knows no such bot."""
        self.runner.store.after_commit = self._committed
        try:
            if await self._greet_telegram():
                await self._serve()
        finally:
            await self.bot.shutdown()
        log.info("stopped", extra={"action": "app.stopped"})

    async def _serve(self) -> None:
        async with asyncio.TaskGroup() as tasks:
            sending = tasks.create_task(self.courier.run())
            await self.wakener.start()
            await self.menus.introduce()
            log.info("serving @%s", self.bot.username, extra={"action": "app.serving"})
            await self.intake.run()
            self.wakener.stop()
            self.courier.stop()
            await asyncio.wait({sending}, timeout=_LAST_SENDS_SECONDS)
            sending.cancel()

    async def _greet_telegram(self) -> bool:
        """Learn who the bot is and fetch by polling; False when stopped before Telegram answered."""
        while not self._stop.is_set():
            try:
                await self.bot.initialize()
                await self.bot.delete_webhook(drop_pending_updates=False)
            except InvalidToken:
                raise
            except TelegramError as error:
                log.warning("telegram not reached: %s", error.message, extra={"action": "app.unreached"})
                await self._rest(_RETRY_SECONDS)
            else:
                await self.runner.run(register_bot, self.bot.id, self.bot.username)
                return True
        return False

    def _committed(self) -> None:
        self.courier.wake()
        self.wakener.changed()

    async def _rest(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._stop.wait()
        except TimeoutError:
            return


def make_app(settings: Settings) -> App:
    """Return the bot that the settings describe; the token must be set."""
    return App(open_runner(settings), make_bot(settings.bot_token or "", settings.bot_api_url))
