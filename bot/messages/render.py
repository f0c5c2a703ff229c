"""From a notice to a finished message: read the store, fill the template, cut to Telegram's limits."""

from __future__ import annotations

import re
from dataclasses import fields
from functools import cache
from html import escape, unescape
from pathlib import Path
from typing import TYPE_CHECKING

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from bot.messages.catalogue import CATALOGUE
from bot.messages.labels import Command, Role, command_list, label
from bot.messages.limits import CAPTION_LIMIT, MESSAGE_LIMIT, TOAST_LIMIT, cut_html, cut_words
from bot.messages.message import Message
from bot.messages.secrecy import caution
from bot.messages.sight import may_see
from bot.messages.view import Context, Recipient, View

if TYPE_CHECKING:
    from bot.domain.notices import Notice
    from bot.services.work import Work

__all__ = ["Command", "Recipient", "Role", "command_list", "label", "render", "toast"]

TEMPLATES = Path(__file__).with_name("templates")
_TAG = re.compile(r"<[^<>]*>")
_SPACE_AT_LINE_END = re.compile(r"[ \t]+\n")
_EMPTY_LINES = re.compile(r"\n{3,}")


def render(work: Work, notice: Notice, recipient: Recipient) -> Message | None:
    """Return what ``notice`` says to ``recipient`` now, or None when nothing that is true and theirs is left to say."""
    entry = CATALOGUE[type(notice)]
    view = View(work, recipient)
    context = entry.builder(view, notice) if may_see(view, notice) else None
    if context is None:
        return None
    html = _fill(entry.template, context)
    if context.force_reply and (warning := caution(view, notice)):
        html += f"\n\n{escape(warning)}"
    html = cut_html(html, CAPTION_LIMIT if context.attachment or context.paper else MESSAGE_LIMIT)
    return Message(
        html,
        context.buttons,
        context.force_reply,
        context.reply_to,
        attachment=context.attachment,
        pin=context.pin,
        paper=context.paper,
    )


def toast(work: Work, notice: Notice, recipient: Recipient) -> str:
    """Return the notice as plain text of at most 200 UTF-16 units; empty when nothing is left to say."""
    message = render(work, notice, recipient)
    if message is None:
        return ""
    text = unescape(_TAG.sub("", message.html))
    return cut_words(re.sub(r"\n+", "\n", text), TOAST_LIMIT)


def _fill(template: str, context: Context) -> str:
    values = {field.name: getattr(context, field.name) for field in fields(context)}
    text = _environment().get_template(f"{template}.html.j2").render(values)
    return _EMPTY_LINES.sub("\n\n", _SPACE_AT_LINE_END.sub("\n", text)).strip()


@cache
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(TEMPLATES),
        undefined=StrictUndefined,
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )
