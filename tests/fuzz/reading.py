"""What the bot says, as Telegram's own reader would take it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import func, select

from bot.demo.telegram.html_parser import parse_html
from bot.domain.notices import from_data
from bot.messages.actions import parse
from bot.messages.limits import MESSAGE_LIMIT, units
from bot.messages.message import Message
from bot.messages.render import Recipient, render
from bot.store.tables import OutboxRow

if TYPE_CHECKING:
    from bot.services.work import Work
    from tests.services.conftest import Town

_DATA_BYTES = 64


def read_out(town: Town, since: int) -> int:
    """Render every message queued after ``since`` (an outbox id) and check it; returns the youngest id."""

    def use_case(work: Work) -> int:
        rows = work.session.scalars(select(OutboxRow).where(OutboxRow.id > since).order_by(OutboxRow.id)).all()
        for row in rows:
            message = render(work, from_data(row.notice, row.data), Recipient(row.chat_id, row.person_id))
            if message is not None:
                check(message)
        return rows[-1].id if rows else since

    return town.run(use_case)


def youngest(town: Town) -> int:
    """Return the youngest id of the outbox."""
    return town.run(lambda work: work.session.scalar(select(func.max(OutboxRow.id))) or 0)


def check(message: Message) -> str:
    """Return a message's text after it passed what Telegram checks: sound HTML, lengths, buttons."""
    assert 0 < units(message.html) <= MESSAGE_LIMIT
    assert "\x00" not in message.html
    text, entities = parse_html(message.html)  # raises Refusal where a tag or a reference is broken
    assert text.strip()
    assert text.encode()
    assert {entity["type"] for entity in entities} <= {"bold", "italic", "code", "text_link", "blockquote", "underline"}
    for button in (button for row in message.buttons for button in row):
        assert button.label
        if button.action is not None:
            assert len(button.action.encode()) <= _DATA_BYTES
            assert parse(button.action) is not None
    return text
