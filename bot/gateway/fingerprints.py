"""Checksums of the files that people attach: read once from Telegram, beside everything else."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from hashlib import sha256
from typing import TYPE_CHECKING

from telegram.error import BadRequest, TelegramError

from bot.gateway.telegram_api import FileTooLargeError
from bot.logs import hide_secrets
from bot.services.attachments_due import checked, put_off, uncheckable, without_checksum
from bot.store.database import is_trouble, reason

if TYPE_CHECKING:
    from bot.gateway.telegram_api import Bot
    from bot.services.work import Runner

log = logging.getLogger(__name__)

SPACING_SECONDS = 5.0
_FOR_NOW = "temporarily"  # "wrong file_id or the file is temporarily unavailable": Telegram does not tell which
_TOO_LARGE = "file is too big"


class Fingerprinter:
    """Reads what has no checksum yet, one file after the other, until it is stopped. ``wake`` it for news.

    Nothing waits for it: when Telegram or the database is away, it tries again later.
    """

    def __init__(self, bot: Bot, runner: Runner, *, spacing: float = SPACING_SECONDS) -> None:
        """Take the bot to read with and the store; it looks for files every ``spacing`` seconds at most."""
        self._bot = bot
        self._runner = runner
        self._spacing = spacing
        self._news = asyncio.Event()
        self._stop = asyncio.Event()

    def wake(self) -> None:
        """Look for files soon."""
        self._news.set()

    def stop(self) -> None:
        """Begin no other file. Whoever does not want to wait for the one in hand may break ``run`` off."""
        self._stop.set()
        self._news.set()

    async def run(self) -> None:
        """Read files until stopped."""
        while not self._stop.is_set():
            self._news.clear()
            try:
                await self._round()
            except Exception as error:
                # Whatever it is, there is always another round.
                if is_trouble(error):
                    log.warning("no checksums: %s", reason(error), extra={"action": "attachment.database"})
                else:
                    log.exception("no checksums", extra={"action": "attachment.failed"})
            with suppress(TimeoutError):
                async with asyncio.timeout(self._spacing):
                    await self._stop.wait()
            await self._news.wait()

    async def _round(self) -> None:
        while not self._stop.is_set():
            due = await self._runner.look(without_checksum, 1)
            if not due:
                return
            for attachment_id, file_id in due:
                if not await self._read(attachment_id, file_id):
                    return

    async def _read(self, attachment_id: int, file_id: str) -> bool:
        """Read one file and note its checksum; returns whether it is of use to go on with others."""
        try:
            content = await self._bot.download(file_id)
        except FileTooLargeError:
            await self._runner.look(uncheckable, attachment_id, _TOO_LARGE)
            return True
        except TelegramError as error:
            refused = isinstance(error, BadRequest)  # a kind of network error, for the library
            final = refused and _FOR_NOW not in error.message.lower()
            said = hide_secrets(error.message)
            log.info("attachment not read: %s", said, extra={"action": "attachment.unread", "id": attachment_id})
            await self._runner.look(uncheckable if final else put_off, attachment_id, said)
            return refused
        digest = await asyncio.to_thread(lambda: sha256(content).hexdigest())
        await self._runner.look(checked, attachment_id, digest, len(content))
        return True
