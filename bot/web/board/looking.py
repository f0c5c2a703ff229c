"""What is read for the page, in one transaction each: authorised first, from the store, then put into words."""

from __future__ import annotations

import hashlib
import json
import logging
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from sqlalchemy.exc import SQLAlchemyError

from bot.messages.live_board import NOBODY, board_of
from bot.messages.live_case import case_shown
from bot.messages.view import View
from bot.services.live_board import case_seen, offices_seen

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bot.services.work import Work

log = logging.getLogger(__name__)

Wish = tuple[int, str]
"""Who looks (Telegram id), and at which office; empty for the first that they may see."""

_DIGEST = 20


@dataclass(frozen=True, slots=True)
class Shown:
    """A board as JSON; ``digest`` is equal for equal contents, ``now`` the moment in words at which it was true."""

    digest: str
    text: str
    now: str


def look(work: Work, wishes: Iterable[Wish]) -> dict[Wish, Shown | None]:
    """Return the boards for whoever looks now, each made once; None for what somebody may not see at this moment.

    A board that fails is left out: it keeps nobody from theirs, and nobody in sight who has lost it.
    """
    made: dict[str, tuple[str, str] | None] = {}
    found: dict[Wish, Shown | None] = {}
    for wish in wishes:
        offices = offices_seen(work, wish[0])
        office = _chosen(offices, wish[1])
        if not office:
            found[wish] = None
            continue
        if office not in made:
            made[office] = _made(work, office)
        if (board := made[office]) is not None:
            found[wish] = _shown(work, offices, *board)
    return found


def office_shown(work: Work, wish: Wish) -> str:
    """Return the office whose board somebody sees now; empty where they may see none, or not the one they wish."""
    return _chosen(offices_seen(work, wish[0]), wish[1])


def _chosen(offices: tuple[str, ...], wanted: str) -> str:
    if wanted:
        return wanted if wanted in offices else ""
    return offices[0] if offices else ""


def _made(work: Work, office_id: str) -> tuple[str, str] | None:
    try:
        board = asdict(board_of(work, office_id))
    except SQLAlchemyError:
        raise  # the database is away for everybody
    except Exception:
        log.exception("live board failed", extra={"action": "board.failed", "office": office_id})
        return None
    now: str = board.pop("now")
    return _json(board), now


def _shown(work: Work, offices: tuple[str, ...], board: str, now: str) -> Shown:
    view = View(work, NOBODY)
    choice = [{"id": office, "name": view.office(office)} for office in offices] if len(offices) > 1 else []
    text = f'{{"offices":{_json(choice)},"board":{board}}}'
    return Shown(hashlib.sha256(text.encode()).hexdigest()[:_DIGEST], text, now)


def look_at_case(work: Work, telegram_id: int, case_id: int) -> str | None:
    """Return one case in full as JSON; None where it is not theirs to see, or never was."""
    case = case_seen(work, telegram_id, case_id)
    return None if case is None else _json(asdict(case_shown(work, case)))


def _json(content: object) -> str:
    # Lone surrogates have been taken out of texts by then; escaped they would break nothing either.
    return json.dumps(content, ensure_ascii=True, separators=(",", ":"))
