"""How somebody belongs to a chat, in the words of the Bot API, and how the bot hears that this has changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.demo.telegram.model import ChatKind, stamp

if TYPE_CHECKING:
    from bot.demo.telegram.entities import Json
    from bot.demo.telegram.model import Chat, User
    from bot.demo.telegram.state import Telegram

RIGHTS = frozenset(
    {
        *("can_change_info", "can_delete_messages", "can_delete_stories", "can_edit_stories", "can_invite_users"),
        *("can_manage_chat", "can_manage_topics", "can_manage_video_chats", "can_pin_messages", "can_post_stories"),
        *("can_promote_members", "can_restrict_members"),
    }
)
"""What an administrator of a group may be allowed to do."""


def chat_member(telegram: Telegram, chat: Chat, user: User) -> Json:
    """Return the ChatMember of a group, or of the private chat between a person and the bot."""
    if chat.kind is ChatKind.PRIVATE:
        return _member(user, "member" if user is chat.user or user is telegram.bot else "left")
    status = chat.members.get(user.id, "left")
    if status != "administrator":
        return _member(user, status)
    given = {right: chat.may(user.id, right) for right in sorted(RIGHTS)}
    return {**_member(user, status), **given, "can_be_edited": False, "is_anonymous": False}


def blocked_member(telegram: Telegram, *, blocked: bool) -> Json:
    """Return how the bot belongs to a private chat."""
    return _member(telegram.bot, "kicked" if blocked else "member")


def tell_of_change(telegram: Telegram, chat: Chat, by: User, before: Json, after: Json) -> None:
    """Tell the bot that its own place in a chat has changed."""
    change = {
        "chat": chat.api(),
        "from": by.api(),
        "date": stamp(telegram.now()),
        "old_chat_member": before,
        "new_chat_member": after,
    }
    telegram.tell_bot("my_chat_member", change)


def _member(user: User, status: str) -> Json:
    extra: dict[str, Json] = {"creator": {"is_anonymous": False}, "kicked": {"until_date": 0}}
    return {"user": user.api(), "status": status, **extra.get(status, {})}
