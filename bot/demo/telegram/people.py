"""What people do in Telegram: write, press, reply, send files, block the bot, meet in groups."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.demo.telegram.bot_pins import pin, unpin
from bot.demo.telegram.entities import Json, cut, detect, trimmed
from bot.demo.telegram.membership import blocked_member, tell_of_change
from bot.demo.telegram.model import Chat, ChatKind, Message, Press, User
from bot.demo.telegram.state import FILE_ID_STARTS

if TYPE_CHECKING:
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
    if chat is None or not chat.has(user.id):
        raise ImpossibleForAPersonError(f"{user.name} is in no chat {chat_id}")
    return chat


@dataclass(frozen=True)
class Draft:
    """What a person is about to send: a text, or a file with the text as its caption.

    ``kind`` is document or photo; ``size`` in bytes lets a small file pass for one too large to be carried around;
    ``album`` is the same for files sent together.
    """

    text: str
    reply_to: int | None = None
    file: Upload | None = None
    kind: str = "document"
    size: int | None = None
    topic: int | None = None
    album: str | None = None


def say(telegram: Telegram, user: User, draft: Draft, *, chat: Chat | None = None) -> Message:
    """Send a draft to the bot or to a group. Writing to a bot one has blocked takes the block back."""
    if not draft.text.strip() and draft.file is None:
        raise ImpossibleForAPersonError("an empty message cannot be sent")
    if draft.kind not in FILE_ID_STARTS:
        raise ImpossibleForAPersonError(f"a file is sent as a document or a photo, not as {draft.kind!r}")
    chat = chat or telegram.private_chat(user)
    answered = visible(chat, draft.reply_to) if draft.reply_to else None
    topic = _in_topic(user, chat, draft, answered)
    if chat.kind is ChatKind.PRIVATE:
        unblock(telegram, user)
        chat.started = True
    message = telegram.put(chat, user, draft.text)
    message.reply_to, message.topic = answered, topic
    if draft.file is not None:
        message.file, message.album = telegram.store(draft.kind, draft.file, size=draft.size), draft.album
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
    pressed = telegram.press(user, message, _callback_data(message, button))
    _tell_of_press(telegram, pressed, message.api() if accessible else message.inaccessible())
    return pressed


def press_stale(telegram: Telegram, user: User, message_id: int, data: str, *, chat: Chat | None = None) -> Press:
    """Press a button that the person's phone still shows although the bot has taken it away."""
    message = (chat or telegram.private_chat(user)).messages.get(message_id)
    if message is None:
        raise ImpossibleForAPersonError(f"there never was a message {message_id}")
    pressed = telegram.press(user, message, data)
    _tell_of_press(telegram, pressed, message.inaccessible() if message.deleted else message.api())
    return pressed


def block(telegram: Telegram, user: User) -> None:
    """Block the bot."""
    chat = telegram.private_chat(user)
    if not chat.blocked:
        chat.blocked = True
        _tell_of_block(telegram, user)


def unblock(telegram: Telegram, user: User) -> None:
    """Take the block back."""
    chat = telegram.private_chat(user)
    if chat.blocked:
        chat.blocked = False
        _tell_of_block(telegram, user)


def delete(telegram: Telegram, user: User, message: Message) -> None:
    """Delete a message for everybody: one's own, any in a private chat, any in a group one administers."""
    chat = message.chat
    if chat.kind is not ChatKind.PRIVATE and message.sender is not user and not chat.manages(user.id):
        raise ImpossibleForAPersonError(f"{user.name} may not delete what others wrote here")
    telegram.remove(message)


def pin_as(telegram: Telegram, user: User, message: Message) -> None:
    """Pin a message as a person."""
    _check_pinner(user, message)
    if not message.pinned:
        pin(telegram, user, message)


def unpin_as(telegram: Telegram, user: User, message: Message) -> None:
    """Unpin a message as a person."""
    _check_pinner(user, message)
    if message.pinned:
        unpin(telegram, message)


def _check_pinner(user: User, message: Message) -> None:
    if message.service or not (message.chat.kind is ChatKind.PRIVATE or message.chat.may(user.id, "can_pin_messages")):
        raise ImpossibleForAPersonError(f"{user.name} may not pin that here")


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
    """Whether privacy mode shows the bot a message: in groups only what is meant for it, unless it administers them."""
    if message.chat.kind is ChatKind.PRIVATE:
        return True
    if not message.chat.has(telegram.bot.id):
        return False
    if message.chat.manages(telegram.bot.id):
        return True
    if message.reply_to is not None and message.reply_to.sender is telegram.bot:
        return True
    return any(_addresses(telegram, message, entity) for entity in message.entities)


def _addresses(telegram: Telegram, message: Message, entity: Json) -> bool:
    shown = cut(message.text, entity)
    if entity["type"] == "bot_command" and entity["offset"] == 0:
        return "@" not in shown or shown.endswith(f"@{telegram.bot.username}")
    return entity["type"] == "mention" and shown == f"@{telegram.bot.username}"


def _tell_of_block(telegram: Telegram, user: User) -> None:
    chat = telegram.private_chat(user)
    before, after = (blocked_member(telegram, blocked=blocked) for blocked in (not chat.blocked, chat.blocked))
    tell_of_change(telegram, chat, user, before, after)


def _tell_of_press(telegram: Telegram, press: Press, shown: Json) -> None:
    chat = press.message.chat
    if chat.kind is not ChatKind.PRIVATE and not chat.has(telegram.bot.id):
        return
    instance = str(abs(chat.id) * 7919)
    query = {"id": press.id, "from": press.user.api(), "message": shown, "chat_instance": instance, "data": press.data}
    telegram.tell_bot("callback_query", query)


def _in_topic(user: User, chat: Chat, draft: Draft, answered: Message | None) -> int | None:
    """Return the topic that a draft goes to; raises ImpossibleForAPersonError where the person cannot write there."""
    topic = draft.topic or (answered.topic if answered else None)
    if topic is not None and topic not in chat.topics:
        raise ImpossibleForAPersonError(f"there is no topic {topic} in the chat")
    if topic is not None and chat.topics[topic].closed and not chat.manages(user.id):
        raise ImpossibleForAPersonError(f"the topic {chat.topics[topic].name!r} is closed")
    return topic
