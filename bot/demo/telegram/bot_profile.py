"""The Bot API's methods about the bot itself: who it is, its commands, its descriptions, its menu button."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from bot.demo.telegram.apps import check_app_url
from bot.demo.telegram.model import ChatKind
from bot.demo.telegram.refusals import bad_request
from bot.demo.telegram.targets import known_chat

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.demo.telegram.entities import Json
    from bot.demo.telegram.parameters import Parameters
    from bot.demo.telegram.state import Telegram

MAX_COMMANDS = 100
MAX_COMMAND = 32
MAX_COMMAND_DESCRIPTION = 256
_COMMAND = re.compile(r"[a-z0-9_]+$")
_LANGUAGE = re.compile(r"([a-z]{2})?$")
_SCOPES = frozenset({"default", "all_private_chats", "all_group_chats", "all_chat_administrators"})
_CHAT_SCOPES = frozenset({"chat", "chat_administrators", "chat_member"})
_MENU_BUTTONS = frozenset({"commands", "web_app", "default"})


def get_me(telegram: Telegram, _: Parameters) -> Json:
    """Return the bot as a User."""
    abilities = {"can_join_groups": True, "can_read_all_group_messages": False, "supports_inline_queries": False}
    return {
        **telegram.bot.api(),
        **abilities,
        "can_connect_to_business": False,
        "has_main_web_app": False,
    }


def set_my_commands(telegram: Telegram, parameters: Parameters) -> bool:
    """Replace the command list of one scope and language."""
    given = parameters.structure("commands", "BotCommands")
    if given is not None and not isinstance(given, list):
        raise bad_request("expected an Array of BotCommand")
    if len(given or ()) > MAX_COMMANDS:
        raise bad_request("BOT_COMMANDS_TOO_MUCH")
    commands = [_checked_command(command) for command in given or ()]
    telegram.profile.commands[_scope(telegram, parameters)] = commands
    telegram.changed()
    return True


def get_my_commands(telegram: Telegram, parameters: Parameters) -> list[Json]:
    """Return the command list of one scope and language, empty where none was set."""
    return telegram.profile.commands.get(_scope(telegram, parameters), [])


def delete_my_commands(telegram: Telegram, parameters: Parameters) -> bool:
    """Forget the command list of one scope and language."""
    telegram.profile.commands.pop(_scope(telegram, parameters), None)
    telegram.changed()
    return True


def text_setter(field: str, longest: int, refusal: str) -> Callable[[Telegram, Parameters], bool]:
    """Return the method that sets one text of the profile, refusing more than ``longest`` characters."""

    def set_text(telegram: Telegram, parameters: Parameters) -> bool:
        text = parameters.text(field)
        if len(text) > longest:
            raise bad_request(refusal)
        telegram.profile.texts[field, _language(parameters)] = text
        return True

    return set_text


def text_getter(field: str) -> Callable[[Telegram, Parameters], Json]:
    """Return the method that reads one text of the profile."""

    def get_text(telegram: Telegram, parameters: Parameters) -> Json:
        default = telegram.bot.first_name if field == "name" else ""
        return {field: telegram.profile.texts.get((field, _language(parameters)), default)}

    return get_text


def set_chat_menu_button(telegram: Telegram, parameters: Parameters) -> bool:
    """Set the menu button of one private chat or of all."""
    button = _checked_button(telegram, parameters.structure("menu_button", "menu button"))
    chat = 0
    if parameters.text("chat_id"):
        found = known_chat(telegram, parameters)
        if found.kind is not ChatKind.PRIVATE:
            raise bad_request("invalid chat_id specified")
        chat = found.id
    telegram.profile.menu_buttons[chat] = button
    telegram.changed()
    return True


def _checked_button(telegram: Telegram, button: object) -> Json:
    if button is None:
        return {"type": "default"}
    if not isinstance(button, dict) or str(button.get("type")) not in _MENU_BUTTONS:
        raise bad_request("menu button type is invalid")
    if button["type"] != "web_app":
        return {"type": button["type"]}
    text, app = button.get("text"), button.get("web_app")
    if not isinstance(text, str) or not isinstance(app, dict):
        missing = "web_app" if isinstance(text, str) else "text"
        raise bad_request(f"can't parse menu button: Can't find field \"{missing}\"")
    if not text.strip():
        raise bad_request("menu button text must be non-empty")
    check_app_url(telegram, app.get("url"), "menu button Web App")
    return {"type": "web_app", "text": text.strip(), "web_app": {"url": app["url"]}}


def get_chat_menu_button(telegram: Telegram, parameters: Parameters) -> Json:
    """Return the menu button of one private chat or of all."""
    chat = known_chat(telegram, parameters).id if parameters.text("chat_id") else 0
    buttons = telegram.profile.menu_buttons
    return buttons.get(chat) or buttons.get(0) or {"type": "default"}


def _checked_command(command: object) -> Json:
    if not isinstance(command, dict):
        raise bad_request("can't parse BotCommand: expected an Object")
    for field in ("command", "description"):
        if not isinstance(command.get(field), str):
            raise bad_request(f"can't parse BotCommand: Can't find field \"{field}\"")
    name, description = command["command"].strip().removeprefix("/"), command["description"].strip()
    if not name:
        raise bad_request("command must not be empty")
    if len(name) > MAX_COMMAND:
        raise bad_request(f"command length must not exceed {MAX_COMMAND}")
    if not description:
        raise bad_request("command description must not be empty")
    if len(description) > MAX_COMMAND_DESCRIPTION:
        raise bad_request(f"command description length must not exceed {MAX_COMMAND_DESCRIPTION}")
    if not _COMMAND.match(name):
        raise bad_request("BOT_COMMAND_INVALID")
    return {"command": name, "description": description}


def _scope(telegram: Telegram, parameters: Parameters) -> tuple[str, str]:
    scope = parameters.structure("scope", "BotCommandScope")
    language = _language(parameters)
    if scope is None:
        return "default", language
    kind = str(scope.get("type")) if isinstance(scope, dict) else ""
    if kind in _SCOPES:
        return kind, language
    if not isinstance(scope, dict) or kind not in _CHAT_SCOPES:
        raise bad_request("can't parse BotCommandScope: Unsupported type specified")
    chat = known_chat(telegram, type(parameters)({"chat_id": scope.get("chat_id")}))
    return f"{kind}:{chat.id}:{scope.get('user_id', '')}", language


def _language(parameters: Parameters) -> str:
    language = parameters.text("language_code")
    if not _LANGUAGE.match(language):
        raise bad_request("invalid language code specified")
    return language
