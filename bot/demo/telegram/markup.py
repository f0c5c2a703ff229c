"""Reply markup: what Telegram takes as a keyboard and how it refuses the rest."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from bot.demo.telegram.refusals import Refusal, bad_request

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.demo.telegram.entities import Json

MAX_CALLBACK_BYTES = 64
MAX_PLACEHOLDER = 64
MAX_BUTTONS = 100
MAX_ROW = 8
MAX_COPY_TEXT = 256

_STYLES = frozenset({"danger", "success", "primary"})
_ACTIONS = (
    "url",
    "callback_data",
    "web_app",
    "login_url",
    "switch_inline_query",
    "switch_inline_query_current_chat",
    "switch_inline_query_chosen_chat",
    "copy_text",
    "callback_game",
    "pay",
)
_MAY_BE_EMPTY = frozenset(
    {"switch_inline_query", "switch_inline_query_current_chat", "switch_inline_query_chosen_chat"}
)
_OBJECTS = frozenset({"web_app", "login_url", "switch_inline_query_chosen_chat", "copy_text", "callback_game"})
_KEPT = ("text", "style", "icon_custom_emoji_id")
_FLAGS = {
    "inline_keyboard": (),
    "keyboard": ("resize_keyboard", "one_time_keyboard", "is_persistent", "selective"),
    "remove_keyboard": ("remove_keyboard", "selective"),
    "force_reply": ("force_reply", "selective"),
}
_SCHEME = re.compile(r"([a-z][a-z0-9+.-]*)://", re.IGNORECASE)
_LINK_SCHEMES = frozenset({"http", "https", "tg", "ton", "tonsite"})


def checked_markup(markup: object) -> Json | None:
    """Return a valid reply markup (None for an empty one); raises Refusal in Telegram's words."""
    if markup is None:
        return None
    if not isinstance(markup, dict):
        raise bad_request("object expected as reply markup")
    kind = next((kind for kind in _FLAGS if kind in markup), None)
    if kind is None:
        return None
    for flag in _FLAGS[kind]:
        if not isinstance(markup.get(flag, False), bool):
            raise bad_request(f'field "{flag}" must be of type Boolean')
    if kind == "inline_keyboard":
        rows = _rows(markup, kind, "inline keyboard", _inline_button)
        return {"inline_keyboard": rows} if rows else None
    if kind == "keyboard":
        return {**markup, "keyboard": _rows(markup, kind, "keyboard", _reply_button)}
    if kind == "force_reply":
        _check_placeholder(markup)
    return markup if markup[kind] else None


def checked_inline(markup: object) -> Json | None:
    """Return a valid inline keyboard; anything else cannot stand on an edited message."""
    checked = checked_markup(markup)
    if checked is not None and "inline_keyboard" not in checked:
        raise bad_request("inline keyboard expected")
    return checked


def is_inline(markup: Json | None) -> bool:
    """Whether the markup is part of the message and not of the user's input field."""
    return markup is not None and "inline_keyboard" in markup


def _rows(markup: Json, field: str, name: str, check: Callable[[Json], Json]) -> list[list[Json]]:
    rows = markup[field]
    if not isinstance(rows, list):
        raise bad_request(f'field "{field}" must be of type Array')
    for row in rows:
        if not isinstance(row, list):
            raise bad_request(f'field "{field}" must be an Array of Arrays')
    kept = [[_checked_button(button, name, check) for button in row] for row in rows if row]
    if sum(map(len, kept)) > MAX_BUTTONS or any(len(row) > MAX_ROW for row in kept):
        raise bad_request("reply markup is too long")
    return kept


def _checked_button(button: object, name: str, check: Callable[[Json], Json]) -> Json:
    if isinstance(button, str) and name == "keyboard":
        return {"text": button}
    if not isinstance(button, dict):
        raise _unparsable(name, "expected an Object")
    text, style = button.get("text"), button.get("style")
    if text is None:
        raise _unparsable(name, 'Can\'t find field "text"')
    if not isinstance(text, str):
        raise _unparsable(name, 'Field "text" must be of type String')
    if style is not None and str(style) not in _STYLES:
        raise bad_request("invalid button style specified")
    action = check(button)
    if not text.strip():
        raise bad_request(f"{name} button text must be non-empty")
    return {field: button[field] for field in _KEPT if field in button} | action


def _inline_button(button: Json) -> Json:
    given = [action for action in _ACTIONS if _is_given(button, action)]
    if not given:
        raise _unparsable("inline keyboard", "Text buttons are unallowed in the inline keyboard")
    if len(given) > 1:
        raise _unparsable("inline keyboard", f"exactly one action expected, found {' and '.join(given)}")
    action, value = given[0], button[given[0]]
    expected = dict if action in _OBJECTS else bool if action == "pay" else str
    if not isinstance(value, expected):
        kind = {dict: "Object", bool: "Boolean", str: "String"}[expected]
        raise _unparsable("inline keyboard", f'Field "{action}" must be of type {kind}')
    if action in _CHECKS:
        _CHECKS[action](value)
    return {action: value}


def _is_given(button: Json, action: str) -> bool:
    return action in button and (action in _MAY_BE_EMPTY or bool(button[action]))


def _check_callback(data: str) -> None:
    if len(data.encode()) > MAX_CALLBACK_BYTES:
        raise bad_request("BUTTON_DATA_INVALID")


def _check_url(url: str) -> None:
    scheme = _SCHEME.match(url)
    if scheme and scheme[1].lower() not in _LINK_SCHEMES:
        raise bad_request(f"inline keyboard button URL '{url}' is invalid: Unsupported URL protocol")
    rest = url[scheme.end() :] if scheme else url
    if not rest or any(space in url for space in " \n\t") or (not scheme and "." not in rest):
        raise bad_request(f"inline keyboard button URL '{url}' is invalid: Wrong HTTP URL")


def _check_web_app(app: Json) -> None:
    url = app.get("url")
    if not isinstance(url, str) or not url.startswith("https://"):
        raise bad_request(f"inline keyboard button Web App URL '{url}' is invalid: Only HTTPS links are allowed")


def _check_copy(copied: Json) -> None:
    text = copied.get("text")
    if not isinstance(text, str) or not 1 <= len(text) <= MAX_COPY_TEXT:
        raise bad_request("BUTTON_COPY_TEXT_INVALID")


def _refuse_type(_: object) -> None:
    raise bad_request("BUTTON_TYPE_INVALID")


_CHECKS: dict[str, Callable[[Any], None]] = {
    "callback_data": _check_callback,
    "url": _check_url,
    "web_app": _check_web_app,
    "copy_text": _check_copy,
    "pay": _refuse_type,
    "callback_game": _refuse_type,
}


def _reply_button(button: Json) -> Json:
    return {field: value for field, value in button.items() if field.startswith(("request_", "web_app"))}


def _check_placeholder(markup: Json) -> None:
    placeholder = markup.get("input_field_placeholder")
    if placeholder is None:
        return
    if not isinstance(placeholder, str):
        raise bad_request('field "input_field_placeholder" must be of type String')
    if not 1 <= len(placeholder) <= MAX_PLACEHOLDER:
        raise bad_request("REPLY_MARKUP_PLACEHOLDER_INVALID")


def _unparsable(name: str, reason: str) -> Refusal:
    return bad_request(f"can't parse {name} button: {reason}")
