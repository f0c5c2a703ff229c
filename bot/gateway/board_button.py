"""The menu button of members' private chats: it opens the live board, where there is one, else the commands."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import telegram
from telegram.error import BadRequest, Forbidden, TelegramError

from bot.messages.labels import label
from bot.services.menu_buttons import chats_given, chats_wanted, note_buttons

if TYPE_CHECKING:
    from bot.services.work import Runner, Work

log = logging.getLogger(__name__)

AT_ONCE = 20
"""So many chats at each sweep: what is sent has the right of way, and Telegram allows about 30 requests a second."""


class BoardButton:
    """Keeps the buttons true; a chat's is set again only when it changes, also across restarts."""

    def __init__(self, bot: telegram.Bot, runner: Runner, url: str | None) -> None:
        """Take the bot to tell, the store that knows the members, and the board's address; None takes all away."""
        self._bot = bot
        self._runner = runner
        self._url = url
        self._refused: set[int] = set()
        self._given: set[int] = set()

    async def refresh(self) -> None:
        """Give the button to who belongs to an office now, and take it from who does not. Best effort."""
        wanted, had = await self._runner.look(_wanted_and_given, self._bot.id)
        url = self._url or ""
        if not self._url:
            wanted = set()
        wanted -= self._refused
        # Who was forgotten meanwhile has no row any more, but had the button of this very process.
        owing = [chat for chat in sorted(wanted) if had.get(chat) != url][:AT_ONCE]
        leaving = sorted((had.keys() | self._given) - wanted - self._refused)[: AT_ONCE - len(owing)]
        given: set[int] = set()
        taken: set[int] = set()
        try:
            for chat in owing:
                given |= await self._set(chat, self._button())
            for chat in leaving:
                taken |= await self._set(chat, telegram.MenuButtonCommands())
        except TelegramError as error:
            # It takes nothing from anybody now. Another sweep: this one would wait for each chat in turn.
            log.info("menu buttons put off: %s", error.message, extra={"action": "menu.later"})
        # Whose chat refuses keeps nothing that could be taken away.
        taken |= self._refused & had.keys()
        self._given = (self._given | given) - taken
        if given or taken:
            await self._runner.look(note_buttons, self._bot.id, url, given=given, taken=taken)

    def _button(self) -> telegram.MenuButton:
        return telegram.MenuButtonWebApp(label("live.button"), telegram.WebAppInfo(self._url or ""))

    async def _set(self, chat_id: int, button: telegram.MenuButton) -> set[int]:
        """Return the chat, nothing where it refuses; raises TelegramError where Telegram takes nothing at all."""
        try:
            await self._bot.set_chat_menu_button(chat_id, button)
        except (Forbidden, BadRequest) as error:
            log.info("menu button not set: %s", error.message, extra={"action": "menu.refused"})
            self._refused.add(chat_id)
            return set()
        return {chat_id}


def _wanted_and_given(work: Work, bot_id: int) -> tuple[set[int], dict[int, str]]:
    return chats_wanted(work), chats_given(work, bot_id)
