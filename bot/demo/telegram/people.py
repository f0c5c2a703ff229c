"""What people do in Telegram: write, press, reply, send files, block the bot, meet in groups."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.demo.telegram.bot_chats import member
from bot.demo.telegram.entities import Json, cut, detect, trimmed
from bot.demo.telegram.model import SUPERGROUP_BASE, Chat, ChatKind, Message, Press, User, stamp
from bot.demo.telegram.state import FILE_ID_STARTS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bot.demo.telegram.parameters import Upload
    from bot.demo.telegram.state import Telegram


class ImpossibleForAPersonError(Exception):
    """A person's hand could not do this: no such chat, message or button."""


def meet(telegram: Telegram, user: User) -> User:
    """Give a person an account, or change the names of one who has it."""
    known = telegram.users.get(user.id)
    if known is None:
        telegram.users[user.id] = user
        telegram.private_chat(user)
        known = user
    else:
        known.first_name, known.last_name = user.first_name, user.last_name
        known.username, known.language_code = user.username, user.language_code
    telegram.changed()
    return known


def person(telegram: Telegram, user_id: int) -> User:
    """Return the account of a person; raises ImpossibleForAPersonError when there is none."""
    try:
        return telegram.users[user_id]
    except KeyError:
        raise ImpossibleForAPersonError(f"nobody has the id {user_id}") from None


def chat_of(telegram: Telegram, user: User, chat_id: int | None) -> Chat:
    """Return the group, or the private chat with the bot where no group is named."""
    if chat_id is None or chat_id == user.id:
        return telegram.private_chat(user)
    chat = telegram.chats.get(chat_id)
    if chat is None or user.id not in chat.members:
        raise ImpossibleForAPersonError(f"{user.name} is in no chat {chat_id}")
    return chat


@dataclass(frozen=True)
class Draft:
    """What a person is about to send: a text, or a file with the text as its caption.

    ``kind`` is document or photo; ``size`` in bytes lets a small file pass for one too large to be carried around.
    """

    text: str
    reply_to: int | None = None
    file: Upload | None = None
    kind: str = "document"
    size: int | None = None


def say(telegram: Telegram, user: User, draft: Draft, *, chat: Chat | None = None) -> Message:
    """Send a draft to the bot or to a group. Writing to a bot one has blocked takes the block back."""
    if not draft.text.strip() and draft.file is None:
        raise ImpossibleForAPersonError("an empty message cannot be sent")
    if draft.kind not in FILE_ID_STARTS:
        raise ImpossibleForAPersonError(f"a file is sent as a document or a photo, not as {draft.kind!r}")
    chat = chat or telegram.private_chat(user)
    answered = visible(chat, draft.reply_to) if draft.reply_to else None
    if chat.kind is ChatKind.PRIVATE:
        unblock(telegram, user)
        chat.started = True
    message = telegram.put(chat, user, draft.text)
    message.reply_to = answered
    if draft.file is not None:
        message.file = telegram.store(draft.kind, draft.file, size=draft.size)
    if _bot_sees(telegram, message):
        telegram.tell_bot("message", message.api())
    return message


def edit(telegram: Telegram, user: User, message_id: int, text: str, *, chat: Chat | None = None) -> Message:
    """Change one's own message."""
    message = visible(chat or telegram.private_chat(user), message_id)
    if message.sender is not user:
        raise ImpossibleForAPersonError("only one's own message can be edited")
    message.text, entities = trimmed(text, [])
    message.entities = detect(message.text, entities)
    message.edited = telegram.now()
    telegram.touch(message)
    if _bot_sees(telegram, message):
        telegram.tell_bot("edited_message", message.api())
    return message


def press(telegram: Telegram, user: User, message: Message, button: str, *, accessible: bool = True) -> Press:
    """Press an inline button, named by its text or its callback data."""
    data = _callback_data(message, button)
    pressed = telegram.press(user, message, data)
    query = {
        "id": pressed.id,
        "from": user.api(),
        "message": message.api() if accessible else message.inaccessible(),
        "chat_instance": str(abs(message.chat.id) * 7919),
        "data": data,
    }
    telegram.tell_bot("callback_query", query)
    return pressed


def press_stale(telegram: Telegram, user: User, message_id: int, data: str, *, chat: Chat | None = None) -> Press:
    """Press a button that the person's phone still shows although the bot has taken it away."""
    message = (chat or telegram.private_chat(user)).messages.get(message_id)
    if message is None:
        raise ImpossibleForAPersonError(f"there never was a message {message_id}")
    pressed = telegram.press(user, message, data)
    query = {"id": pressed.id, "from": user.api(), "chat_instance": str(user.id * 7919), "data": data}
    shown = message.inaccessible() if message.deleted else message.api()
    telegram.tell_bot("callback_query", {**query, "message": shown})
    return pressed


def block(telegram: Telegram, user: User) -> None:
    """Block the bot."""
    chat = telegram.private_chat(user)
    if not chat.blocked:
        chat.blocked = True
        _membership(telegram, chat, user, "member", "kicked")


def unblock(telegram: Telegram, user: User) -> None:
    """Take the block back."""
    chat = telegram.private_chat(user)
    if chat.blocked:
        chat.blocked = False
        _membership(telegram, chat, user, "kicked", "member")


def create_group(
    telegram: Telegram, creator: User, title: str, members: Iterable[User], *, supergroup: bool = False
) -> Chat:
    """Make a group with the bot in it."""
    number = sum(1 for known in telegram.chats if known < 0) + 1
    kind = ChatKind.SUPERGROUP if supergroup else ChatKind.GROUP
    chat = Chat(SUPERGROUP_BASE - number if supergroup else -4_000_000 - number, kind, title=title)
    chat.members = {creator.id: "creator", **{user.id: "member" for user in members}, telegram.bot.id: "member"}
    telegram.chats[chat.id] = chat
    created = "supergroup_chat_created" if supergroup else "group_chat_created"
    _service(telegram, chat, creator, {created: True})
    _membership(telegram, chat, creator, "left", "member")
    return chat


def upgrade_group(telegram: Telegram, chat: Chat) -> Chat:
    """Turn a group into a supergroup, which gives it another id."""
    creator = person(telegram, next(iter(chat.members)))
    number = sum(1 for known in telegram.chats if known < 0) + 1
    successor = Chat(SUPERGROUP_BASE - number, ChatKind.SUPERGROUP, title=chat.title, members=dict(chat.members))
    telegram.chats[successor.id] = successor
    _service(telegram, chat, creator, {"migrate_to_chat_id": successor.id})
    _service(telegram, successor, creator, {"migrate_from_chat_id": chat.id})
    chat.migrated_to = successor.id
    return successor


def remove_bot(telegram: Telegram, chat: Chat, by: User) -> None:
    """Throw the bot out of a group."""
    chat.members.pop(telegram.bot.id, None)
    _membership(telegram, chat, by, "member", "kicked")


def _callback_data(message: Message, button: str) -> str:
    buttons = [shown for row in message.buttons for shown in row]
    matching = [shown for shown in buttons if button in {shown["text"], shown.get("callback_data")}]
    if not matching:
        labels = ", ".join(shown["text"] for shown in buttons) or "none"
        raise ImpossibleForAPersonError(f"message {message.id} has no button {button!r}; its buttons: {labels}")
    if "callback_data" not in matching[0]:
        raise ImpossibleForAPersonError(f"the button {button!r} sends the bot nothing")
    return str(matching[0]["callback_data"])


def visible(chat: Chat, message_id: int) -> Message:
    """Return a message that stands in the chat; raises ImpossibleForAPersonError otherwise."""
    message = chat.live(message_id)
    if message is None:
        raise ImpossibleForAPersonError(f"there is no message {message_id} in the chat")
    return message


def _bot_sees(telegram: Telegram, message: Message) -> bool:
    """Whether privacy mode shows the bot a message: in groups only what is meant for it."""
    if message.chat.kind is ChatKind.PRIVATE:
        return True
    if telegram.bot.id not in message.chat.members:
        return False
    if message.reply_to is not None and message.reply_to.sender is telegram.bot:
        return True
    return any(_addresses(telegram, message, entity) for entity in message.entities)


def _addresses(telegram: Telegram, message: Message, entity: Json) -> bool:
    shown = cut(message.text, entity)
    if entity["type"] == "bot_command":
        return "@" not in shown or shown.endswith(f"@{telegram.bot.username}")
    return entity["type"] == "mention" and shown == f"@{telegram.bot.username}"


def _service(telegram: Telegram, chat: Chat, by: User, content: Json) -> None:
    message = telegram.put(chat, by)
    message.service = content
    telegram.tell_bot("message", message.api())


def _membership(telegram: Telegram, chat: Chat, by: User, before: str, after: str) -> None:
    change = {
        "chat": chat.api(),
        "from": by.api(),
        "date": stamp(telegram.now()),
        "old_chat_member": member(telegram.bot.api(), before),
        "new_chat_member": member(telegram.bot.api(), after),
    }
    telegram.tell_bot("my_chat_member", change)
