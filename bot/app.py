"""The composition root: the only place that wires everything together."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from sqlalchemy.exc import SQLAlchemyError
from telegram.error import InvalidToken, TelegramError

from bot.clock import Clock, SharedClock, SystemClock
from bot.gateway.delivery import Courier
from bot.gateway.fingerprints import Fingerprinter
from bot.gateway.intake import Intake, Timing
from bot.gateway.introduce import Menus
from bot.gateway.pacing import Limits
from bot.gateway.telegram_api import make_bot
from bot.gateway.webhook import Address, Webhook
from bot.scheduler import SWEEP_SECONDS, Wakener
from bot.services.keyring import Keyring
from bot.services.library import Library
from bot.services.publish import publish
from bot.services.updates import refuse_newer, register_bot
from bot.services.work import Runner
from bot.sop_files.calendars import load_calendars
from bot.sop_files.loader import CALENDARS, load_folder
from bot.store.database import Store, database_time, open_engine, reason
from bot.store.migrate import NewerSchema, migrate
from bot.store.notify import Listener
from bot.store.patience import START_SECONDS, wait_for_server
from bot.web.board import LiveBoard, button_url
from bot.web.pages import Pages
from bot.web.pulse import Pulse
from bot.web.server import CannotListen, WebServer

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from bot.gateway.telegram_api import Bot
    from bot.settings import Settings

log = logging.getLogger(__name__)

_RETRY_SECONDS = 5.0
_LAST_SENDS_SECONDS = 25.0
_GRACE_SECONDS = 60.0


def read_library(settings: Settings) -> Library:
    """Read definitions and calendars; what is broken is logged and left out."""
    loaded = load_folder(settings.sop_dir)
    for problem in loaded.problems:
        log.error("%s:%s: %s", problem.file, problem.line, problem.message, extra={"action": "definition.broken"})
    calendars = loaded.calendars or load_calendars(settings.sop_dir / CALENDARS)
    keyring = Keyring.of_token(settings.bot_token) if settings.bot_token else Keyring.passing()
    sops = {sop.id: sop for sop in loaded.sops}
    return Library(sops, calendars, settings.admin_ids, keyring=keyring, rules=loaded.rules)


def open_runner(settings: Settings, clock: Clock | None = None, *, patience: float = 0.0) -> Runner:
    """Bring the database to the newest schema and the files' content, and return what runs use cases.

    A PostgreSQL that does not answer is waited for, ``patience`` seconds long.
    """
    engine = open_engine(settings.database_url)
    try:
        wait_for_server(engine, patience)
        migrate(engine)
        runner = make_runner(engine, settings, clock)
        runner.run_now(publish)
    except BaseException:
        engine.dispose()
        raise
    return runner


def make_runner(engine: Engine, settings: Settings, clock: Clock | None = None) -> Runner:
    """Return what runs use cases on a database as it is."""
    shared = SharedClock(database_time) if engine.dialect.name == "postgresql" else SystemClock()
    return Runner(Store(engine), clock or shared, read_library(settings))


class App:
    """The bot as a whole: intake, delivery and reminders around one store.

    With ``address`` Telegram posts updates, else they are fetched; ``listen`` (host and port) is where the
    webhook, ``/healthz``, ``/metrics`` and, with a public address, the live board are served. ``board`` is the
    board's address where somebody else serves it.
    """

    def __init__(
        self,
        runner: Runner,
        bot: Bot,
        *,
        limits: Limits | None = None,
        timing: Timing | None = None,
        address: Address | None = None,
        listen: tuple[str, int] | None = None,
        board: str | None = None,
    ) -> None:
        """Wire the parts; nothing starts yet. Raises CannotListen where ``listen`` cannot be had."""
        self.runner = runner
        self.bot = bot
        self._address = address
        self._board = LiveBoard(runner, bot.token) if address is not None else None
        self._pulse = Pulse("intake", "courier", "wakener")
        self.courier = Courier(bot, runner, limits or Limits())
        self.courier.beat = self._pulse.of("courier")
        self.menus = Menus(bot, runner, board or (button_url(address.url) if address else None))
        self.fingerprinter = Fingerprinter(bot, runner)
        self.wakener = Wakener(runner, wake_courier=self.courier.wake, on_sweep=self._swept)
        self.listener = Listener(runner.store.engine, runner.store.name, self._committed)
        self.intake = self._make_intake(timing)
        self._web = self._make_web(listen)
        self._stop = asyncio.Event()
        self._newer: NewerSchema | None = None

    def _make_intake(self, timing: Timing | None) -> Intake | Webhook:
        beat = self._pulse.of("intake")
        if self._address is None:
            return Intake(self.bot, self.runner, timing, beat=beat)
        return Webhook(self.bot, self.runner, self._address, timing, beat=beat)

    def _make_web(self, listen: tuple[str, int] | None) -> WebServer | None:
        if listen is None:
            return None
        posted = self.intake.routes() if isinstance(self.intake, Webhook) else []
        shown = self._board.routes() if self._board else []
        return WebServer(*listen, [*Pages(self.runner, self._pulse).routes(), *shown, *posted])

    def stop(self) -> None:
        """Finish what is in hand, then end ``run``."""
        self._stop.set()
        self.intake.stop()

    async def run(self) -> None:
        """Serve until stopped.

        Raises telegram.error.InvalidToken where Telegram knows no such bot, and bot.store.migrate.NewerSchema
        once a newer program has taken the database over.
        """
        self.runner.store.after_commit = self._committed
        try:
            if self._web is not None:
                await self._web.start()
            if await self._greet_telegram():
                await self._serve()
        finally:
            await self._stop_web()
            await self.bot.shutdown()
        if self._newer is not None:
            raise self._newer
        log.info("stopped", extra={"action": "app.stopped"})

    async def _serve(self) -> None:
        async with asyncio.TaskGroup() as tasks:
            sending = tasks.create_task(self.courier.run())
            hearing = tasks.create_task(self.listener.run())
            reading = tasks.create_task(self.fingerprinter.run())
            await self.wakener.start()
            await self._introduce()
            log.info("serving @%s", self.bot.username, extra={"action": "app.serving"})
            await self.intake.run()
            # Whatever is being posted is finished before anything that it needs stops.
            await self._stop_web()
            await self.intake.close()
            self.wakener.stop()
            self.listener.stop()
            self.courier.stop()
            reading.cancel()  # what it has in hand is read another time
            await asyncio.wait({sending, hearing}, timeout=_LAST_SENDS_SECONDS)
            sending.cancel()
            hearing.cancel()

    async def _greet_telegram(self) -> bool:
        """Learn who the bot is, and end a webhook before polling; False when stopped before Telegram answered."""
        while not self._stop.is_set():
            try:
                await self.bot.initialize()
                if self._address is None:
                    await self.bot.delete_webhook(drop_pending_updates=False)
                await self.runner.run(register_bot, self.bot.id, self.bot.username)
            except InvalidToken:
                raise
            except TelegramError as error:
                log.warning("telegram not reached: %s", error.message, extra={"action": "app.unreached"})
            except (SQLAlchemyError, OSError) as error:
                log.warning("database not reached: %s", reason(error), extra={"action": "app.database"})
            else:
                return True
            await self._rest(_RETRY_SECONDS)
        return False

    async def _introduce(self) -> None:
        self._pulse.beat("wakener", SWEEP_SECONDS + _GRACE_SECONDS)
        try:
            await self.menus.introduce()
        except (SQLAlchemyError, OSError) as error:
            # Menus come again with the sweep; serving does not wait for them.
            log.warning("database not reached: %s", reason(error), extra={"action": "app.database"})

    async def _swept(self) -> None:
        """Do what belongs to every sweep besides the reminders."""
        self._pulse.beat("wakener", SWEEP_SECONDS + _GRACE_SECONDS)
        self.fingerprinter.wake()
        try:
            await self.runner.look(refuse_newer)
            await self.menus.refresh()
        except NewerSchema as newer:
            text = "a newer program has taken the database over (%s)"
            log.critical(text, newer.revision, extra={"action": "app.older"})
            self._newer = newer
            self.stop()
        except (SQLAlchemyError, OSError) as error:
            log.warning("database not reached: %s", reason(error), extra={"action": "app.database"})

    def _committed(self) -> None:
        self.courier.wake()
        self.wakener.changed()
        self.fingerprinter.wake()
        if self._board is not None:
            self._board.changed()

    async def _stop_web(self) -> None:
        if self._board is not None:
            self._board.close()  # an open page would keep the server from stopping
        if self._web is not None:
            await self._web.stop()

    async def _rest(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._stop.wait()
        except TimeoutError:
            return


def make_app(settings: Settings, *, patience: float = START_SECONDS) -> App:
    """Return the bot that the settings describe; the token must be set.

    Raises bot.web.server.CannotListen, and what the database says that is away for ``patience`` seconds.
    """
    address = None
    if settings.webhook_url is not None:
        address = Address(settings.webhook_url, settings.webhook_path, settings.webhook_secret or "")
    bot = make_bot(settings.bot_token or "", settings.bot_api_url)
    runner = open_runner(settings, patience=patience)
    try:
        return App(runner, bot, address=address, listen=settings.listen_on)
    except CannotListen:
        runner.store.close()
        raise
