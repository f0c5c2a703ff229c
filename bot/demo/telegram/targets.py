"""Whom and what a request is about: chats the bot may write to, messages it may answer or edit, texts it may send."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from bot.demo.telegram.entities import Json, trimmed, utf16_length
from bot.demo.telegram.html_parser import parse_html
from bot.demo.telegram.markup import is_inline
from bot.demo.telegram.model import Chat, ChatKind, Message
from bot.demo.telegram.parameters import whole
from bot.demo.telegram.refusals import BAD_REQUEST, Refusal, bad_request, forbidden

if TYPE_CHECKING:
    from bot.demo.telegram.parameters import Parameters
    from bot.demo.telegram.state import Telegram

MAX_TEXT = 4096
MAX_CAPTION = 1024
_ENTITY_NEEDS = {"text_link": "url", "text_mention": "user", "custom_emoji": "custom_emoji_id"}
_ENTITY_TYPES = frozenset(
    {
        *("mention", "hashtag", "cashtag", "bot_command", "url", "email", "phone_number"),
        *("bold", "italic", "underline", "strikethrough", "spoiler", "blockquote", "expandable_blockquote"),
        *("code", "pre", *_ENTITY_NEEDS),
    }
)
_ENTITY_FIELDS = ("type", "offset", "length", "url", "user", "language", "custom_emoji_id")


def known_chat(telegram: Telegram, parameters: Parameters) -> Chat:
    """Return the chat named by the request; raises Refusal when there is none or it has moved."""
    if not parameters.text("chat_id").strip():
        raise bad_request("chat_id is empty")
    chat_id = parameters.integer("chat_id")
    chat = telegram.chats.get(chat_id)
    if chat is None and chat_id in telegram.users:
        chat = telegram.private_chat(telegram.users[chat_id])
    if chat is None:
        raise bad_request("chat not found")
    if chat.migrated_to is not None:
        reason = "Bad Request: group chat was upgraded to a supergroup chat"
        raise Refusal(BAD_REQUEST, reason, {"migrate_to_chat_id": chat.migrated_to})
    return chat


def readable_chat(telegram: Telegram, parameters: Parameters) -> Chat:
    """Return the chat if the bot is in it; raises Refusal otherwise."""
    chat = known_chat(telegram, parameters)
    if chat.kind is ChatKind.PRIVATE or chat.has(telegram.bot.id):
        return chat
    status = chat.members.get(telegram.bot.id)
    if status is None:
        raise bad_request("chat not found")
    if status == "kicked":
        raise forbidden(f"bot was kicked from the {chat.kind.value} chat")
    raise forbidden(f"bot is not a member of the {chat.kind.value} chat")


def writable_chat(telegram: Telegram, parameters: Parameters) -> Chat:
    """Return the chat if the bot may write there; raises Refusal otherwise."""
    chat = readable_chat(telegram, parameters)
    if chat.kind is ChatKind.PRIVATE:
        if chat.blocked:
            raise forbidden("bot was blocked by the user")
        if not chat.started:
            raise forbidden("bot can't initiate conversation with a user")
    return chat


def topic_of(telegram: Telegram, chat: Chat, parameters: Parameters, answered: Message | None) -> int | None:
    """Return the topic to write in, that of the answered message where none is named; raises Refusal for a wrong one.

    The general topic has no number that could be named.
    """
    named = parameters.integer("message_thread_id")
    if named and named not in chat.topics:
        raise bad_request("message thread not found")
    topic = named or (answered.topic if answered else None)
    if topic and chat.topics[topic].closed and not chat.manages(telegram.bot.id):
        raise bad_request("TOPIC_CLOSED")
    return topic


def answered_message(chat: Chat, parameters: Parameters) -> Message | None:
    """Return the message to reply to; raises Refusal when it is gone and the reply is not optional."""
    given = parameters.structure("reply_parameters", "reply parameters")
    if given is None:
        message_id: object = parameters.integer("reply_to_message_id")
        optional = parameters.flag("allow_sending_without_reply")
    elif isinstance(given, dict):
        if "message_id" not in given:
            raise bad_request('can\'t find field "message_id"')
        message_id, optional = given["message_id"], bool(given.get("allow_sending_without_reply"))
    else:
        raise bad_request("object expected as reply parameters")
    message = chat.live(whole(message_id))
    if message is None and message_id and not optional:
        raise bad_request("message to be replied not found")
    return message


def editable_message(telegram: Telegram, chat: Chat, parameters: Parameters) -> Message:
    """Return the bot's message to edit; raises Refusal when it is gone, not the bot's or has another keyboard."""
    if not parameters.text("message_id"):
        raise bad_request("message identifier is not specified")
    message = chat.live(parameters.integer("message_id"))
    if message is None:
        raise bad_request("message to edit not found")
    if message.sender is not telegram.bot or message.service or (message.markup and not is_inline(message.markup)):
        raise bad_request("message can't be edited")
    return message


def formatted(telegram: Telegram, parameters: Parameters, name: str) -> tuple[str, list[Json]]:
    """Return plain text and entities of the text parameter ``name``; raises Refusal when it cannot be read."""
    source = parameters.text(name)
    mode = parameters.text("parse_mode").lower()
    if mode == "html":
        text, marked = parse_html(source)
        entities = [entity for entity in map(partial(_with_user, telegram), marked) if entity]
    elif not mode or mode == "none":
        given = "entities" if name == "text" else "caption_entities"
        text, entities = source, _given_entities(source, parameters.structure(given, "message entities"))
    elif mode in {"markdown", "markdownv2"}:
        raise bad_request("the local server reads parse_mode HTML only")
    else:
        raise bad_request("unsupported parse_mode")
    text, entities = trimmed(text, entities)
    if source and not text:
        raise bad_request("text must be non-empty")
    return text, entities


def _with_user(telegram: Telegram, entity: Json) -> Json | None:
    """Return the entity, a mention with its whole user; None where the bot does not know the user."""
    if "user_id" not in entity:
        return entity
    user = telegram.users.get(entity["user_id"])
    kept = {name: value for name, value in entity.items() if name != "user_id"}
    return {**kept, "user": user.api()} if user else None


def _given_entities(text: str, given: object) -> list[Json]:
    if given is None:
        return []
    if not isinstance(given, list):
        raise bad_request("expected an Array of MessageEntity")
    return [_checked_entity(text, entity) for entity in given]


def _checked_entity(text: str, entity: object) -> Json:
    if not isinstance(entity, dict):
        raise bad_request("can't parse MessageEntity: expected an Object")
    kind = str(entity.get("type"))
    if kind not in _ENTITY_TYPES:
        raise bad_request("can't parse MessageEntity: Unsupported type specified")
    if kind in _ENTITY_NEEDS and not entity.get(_ENTITY_NEEDS[kind]):
        raise bad_request(f"can't parse MessageEntity: Can't find field \"{_ENTITY_NEEDS[kind]}\"")
    offset, length = entity.get("offset"), entity.get("length")
    if not isinstance(offset, int) or not isinstance(length, int):
        raise bad_request('can\'t parse MessageEntity: Field "offset" must be of type Number')
    _check_span(offset, length, utf16_length(text))
    return {name: entity[name] for name in _ENTITY_FIELDS if name in entity}


def _check_span(offset: int, length: int, size: int) -> None:
    if offset < 0:
        raise bad_request(f"receive an entity with incorrect offset {offset}")
    if length < 0:
        raise bad_request(f"receive an entity with incorrect length {length}")
    if offset > size:
        raise bad_request(f"entity begins after the end of the text at UTF-16 offset {offset}")
    if offset + length > size:
        where = f"entity beginning at UTF-16 offset {offset}"
        raise bad_request(f"{where} ends after the end of the text at UTF-16 offset {offset + length}")
