"""Papers that Telegram has already: sent again by the ids it gave their files, neither drawn nor uploaded."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from typing import TYPE_CHECKING

from sqlalchemy import CursorResult, delete
from sqlalchemy.dialects import postgresql, sqlite

from bot.drawing.edition import edition
from bot.drawing.paper import Form
from bot.store.tables import PaperSentRow

if TYPE_CHECKING:
    from bot.drawing.paper import Paper
    from bot.services.work import Work

KEEP_PAPERS = timedelta(days=30)
"""How long a paper that nobody asks for is remembered."""


@dataclass(frozen=True, slots=True)
class Uploaded:
    """What Telegram calls a paper's files: a picture's pages as ``photos``, or one document."""

    file_ids: tuple[str, ...]
    photos: bool


def find(work: Work, bot_id: int, paper: Paper) -> Uploaded | None:
    """Return what a bot may send instead of a paper of the same content; None where it has not sent one lately."""
    row = work.session.get(PaperSentRow, (bot_id, _digest(paper)))
    return Uploaded(tuple(row.file_ids), row.photos) if row is not None else None


def remember(work: Work, bot_id: int, paper: Paper, uploaded: Uploaded) -> None:
    """Note that Telegram has a paper now, by these ids; what it was called before is forgotten."""
    values = {"photos": uploaded.photos, "file_ids": list(uploaded.file_ids), "used_at": work.at}
    insert = sqlite.insert if work.session.get_bind().dialect.name == "sqlite" else postgresql.insert
    row = insert(PaperSentRow).values(bot_id=bot_id, digest=_digest(paper), **values)
    # Two couriers may have drawn the same picture: whichever ids are kept, they are good.
    work.session.execute(row.on_conflict_do_update(index_elements=["bot_id", "digest"], set_=values))


def purge(work: Work) -> int:
    """Forget what was not sent for a while; returns how many papers."""
    old = delete(PaperSentRow).where(PaperSentRow.used_at < work.at - KEEP_PAPERS)
    result = work.session.execute(old)
    return result.rowcount if isinstance(result, CursorResult) else 0


def _digest(paper: Paper) -> str:
    # A document keeps the name that it was uploaded under; a photo has none.
    name = "" if paper.form is Form.PICTURE else paper.name
    return sha256(f"{edition()} {paper.digest} {name}".encode()).hexdigest()
