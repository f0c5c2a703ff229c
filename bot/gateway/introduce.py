"""What the bot tells Telegram about itself: the command menu of each scope, and the button of members' chats."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import telegram
from sqlalchemy import select
from telegram.error import TelegramError

from bot.domain.posts import SECRETARIAT
from bot.gateway.board_button import BoardButton
from bot.messages.labels import Role, command_list
from bot.store.tables import HoldingRow, PersonRow

if TYPE_CHECKING:
    from bot.services.work import Runner, Work

log = logging.getLogger(__name__)


class Menus:
    """Keeps the command menus true; a chat's menu is set again only when it changes."""

    def __init__(self, bot: telegram.Bot, runner: Runner, board_url: str | None = None) -> None:
        """Take the bot to tell, the store that knows who is sekretariat, and where the live board is, if anywhere."""
        self._bot = bot
        self._runner = runner
        self._board_button = BoardButton(bot, runner, board_url)
        self._longer: set[int] = set()

    async def introduce(self) -> None:
        """Set the menus of strangers, private chats and groups. Best effort: no menu is no reason not to serve."""
        await self._set(telegram.BotCommandScopeDefault(), Role.STRANGER)
        await self._set(telegram.BotCommandScopeAllGroupChats(), Role.STRANGER)
        await self._set(telegram.BotCommandScopeAllPrivateChats(), Role.MEMBER)
        await self.refresh()

    async def refresh(self) -> None:
        """Give the longer menu to whoever is sekretariat or administrator now, and take it from the others."""
        now = await self._runner.look(_monitors)
        for chat_id in now - self._longer:
            await self._set(telegram.BotCommandScopeChat(chat_id), Role.SECRETARIAT)
        for chat_id in self._longer - now:
            await self._set(telegram.BotCommandScopeChat(chat_id), Role.MEMBER)
        self._longer = now
        await self._board_button.refresh()

    async def _set(self, scope: telegram.BotCommandScope, role: Role) -> None:
        menu = [telegram.BotCommand(command.name, command.about) for command in command_list(role)]
        try:
            await self._bot.set_my_commands(menu, scope=scope)
        except TelegramError as error:
            log.info("menu not set: %s", error.message, extra={"action": "menu.refused", "role": role.value})


def _monitors(work: Work) -> set[int]:
    """Return the chats of everyone with the sekretariat's commands (Telegram ids)."""
    current = HoldingRow.until.is_(None) | (HoldingRow.until > work.at)
    query = (
        select(PersonRow.telegram_id)
        .join(HoldingRow, HoldingRow.person_id == PersonRow.id)
        .where(HoldingRow.post_id == SECRETARIAT, current, PersonRow.unreachable_since.is_(None))
    )
    known_admins = select(PersonRow.telegram_id).where(PersonRow.telegram_id.in_(work.library.admin_ids))
    return {*work.session.scalars(query), *work.session.scalars(known_admins)}
