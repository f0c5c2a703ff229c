"""One request of the bot: recorded, perhaps struck by a fault, paced, carried out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.demo.telegram import bot_albums, bot_chats, bot_messages, bot_pins, bot_profile
from bot.demo.telegram.refusals import NOT_FOUND, Refusal, too_many_requests
from bot.demo.telegram.state import Recorded

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.demo.telegram.parameters import Parameters
    from bot.demo.telegram.state import Telegram

GET_UPDATES = "getUpdates"
MOST_REMEMBERED = 20_000

METHODS: dict[str, Callable[[Telegram, Parameters], object]] = {
    "getMe": bot_profile.get_me,
    "setMyCommands": bot_profile.set_my_commands,
    "getMyCommands": bot_profile.get_my_commands,
    "deleteMyCommands": bot_profile.delete_my_commands,
    "setMyName": bot_profile.text_setter("name", 64, "BOT_TITLE_INVALID"),
    "getMyName": bot_profile.text_getter("name"),
    "setMyDescription": bot_profile.text_setter("description", 512, "BOT_DESCRIPTION_TOO_LONG"),
    "getMyDescription": bot_profile.text_getter("description"),
    "setMyShortDescription": bot_profile.text_setter("short_description", 120, "BOT_SHARE_TEXT_INVALID"),
    "getMyShortDescription": bot_profile.text_getter("short_description"),
    "setChatMenuButton": bot_profile.set_chat_menu_button,
    "getChatMenuButton": bot_profile.get_chat_menu_button,
    "setWebhook": bot_chats.set_webhook,
    "deleteWebhook": bot_chats.delete_webhook,
    "getWebhookInfo": bot_chats.get_webhook_info,
    "getChat": bot_chats.get_chat,
    "getChatMember": bot_chats.get_chat_member,
    "getFile": bot_chats.get_file,
    "sendMessage": bot_messages.send_message,
    "sendDocument": bot_messages.send_document,
    "sendPhoto": bot_messages.send_photo,
    "sendMediaGroup": bot_albums.send_media_group,
    "sendChatAction": bot_messages.send_chat_action,
    "editMessageText": bot_messages.edit_message_text,
    "editMessageCaption": bot_messages.edit_message_caption,
    "editMessageReplyMarkup": bot_messages.edit_message_reply_markup,
    "deleteMessage": bot_messages.delete_message,
    "answerCallbackQuery": bot_messages.answer_callback_query,
    "pinChatMessage": bot_pins.pin_chat_message,
    "unpinChatMessage": bot_pins.unpin_chat_message,
}
PACED = frozenset(
    {
        "sendMessage",
        "sendDocument",
        "sendPhoto",
        "sendMediaGroup",
        "editMessageText",
        "editMessageCaption",
        "editMessageReplyMarkup",
    }
)
_SPELLING = {name.lower(): name for name in (*METHODS, GET_UPDATES)}


def canonical(method: str) -> str:
    """Return the method's name as documented, ``method`` itself where there is none."""
    return _SPELLING.get(method.lower(), method)


def record(telegram: Telegram, method: str, parameters: Parameters) -> Recorded:
    """Note that a request came in."""
    values = {name: _decoded(parameters, name) for name in parameters.values}
    if len(telegram.requests) >= MOST_REMEMBERED:
        del telegram.requests[: MOST_REMEMBERED // 2]
    files = {name: {"file_name": file.name, "size": len(file.content)} for name, file in parameters.files.items()}
    telegram.request_count += 1
    recorded = Recorded(telegram.request_count, method, values | files, telegram.now())
    telegram.requests.append(recorded)
    return recorded


def settle(telegram: Telegram, recorded: Recorded, result: object) -> None:
    """Note how a request ended: a result or a Refusal."""
    if isinstance(result, Refusal):
        recorded.outcome, recorded.status, recorded.description = "refused", result.status, result.description
    else:
        recorded.outcome, recorded.status, recorded.result = "ok", 200, result
    if recorded.method != GET_UPDATES:
        telegram.changed()


def carry_out(telegram: Telegram, method: str, parameters: Parameters) -> object:
    """Do what the method does and return its result; raises Refusal as Telegram would."""
    action = METHODS.get(method)
    if action is None:
        raise Refusal(NOT_FOUND, "Not Found")
    chat = parameters.chat()
    if method not in PACED or chat is None:
        return action(telegram, parameters)
    wait = telegram.pacing.wait_for(chat, telegram.now())
    if wait:
        raise too_many_requests(wait)
    result = action(telegram, parameters)
    for _ in result if isinstance(result, list) else [result]:  # an album is as many messages as it has files
        telegram.pacing.count(chat, telegram.now())
    return result


def _decoded(parameters: Parameters, name: str) -> object:
    """Return a value as a test wants to see it: JSON structures parsed, everything else as sent."""
    value = parameters.values[name]
    if isinstance(value, str) and value[:1] in {"{", "["}:
        try:
            return parameters.structure(name, name)
        except Refusal:
            return value
    return value
