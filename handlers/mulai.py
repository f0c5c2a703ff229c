"""/mulai: start a case."""

from __future__ import annotations

import re
from difflib import get_close_matches
from typing import TYPE_CHECKING

from bot.domain.notices import ChooseSop, SopUnknown
from bot.services.act import person_of
from bot.services.find import member_offices
from bot.services.questions import Kind, ask, settle
from bot.services.start_case import start_case, startable
from bot.services.work import Refusal
from handlers.area import Area
from handlers.conversation import Incoming, Response, said

if TYPE_CHECKING:
    from bot.domain.sop import Sop
    from bot.services.work import Actor, Work
    from bot.store.tables import QuestionRow

_LIKE_AN_ID = re.compile(r"[a-z]{2}[a-z0-9]*(-[a-z0-9]+)+")


def mulai(work: Work, actor: Actor, incoming: Incoming) -> Response:
    """Start the named SOP, or let the person choose."""
    mine = startable(work, actor)
    text = incoming.text.strip()
    first, *rest = text.split(maxsplit=1) or [""]
    named = work.library.sops.get(first.lower())
    if named is not None and named.office.id in member_offices(work, actor):
        return said(start_case(work, actor, named, "".join(rest).strip() or None))
    if _means_a_sop(work, mine, first):
        raise Refusal(SopUnknown(first))
    if text and len(mine) == 1:
        return said(start_case(work, actor, mine[0], text))
    return said(_choose(work, actor, mine, text or None))


def picked_sop(work: Work, actor: Actor, question: QuestionRow, index: int) -> Response:
    """Start the chosen SOP."""
    sop = work.library.sops.get(question.about["options"][index])
    if sop is None:
        raise Refusal(SopUnknown(question.about["options"][index]))
    started = start_case(work, actor, sop, question.about["title"])
    settle(work, question, started.to_data())
    return said(started)


def _means_a_sop(work: Work, mine: list[Sop], word: str) -> bool:
    """Whether a word that names no SOP of the person was meant to: foreign, misspelt, or written like an id.

    Any other first word opens a title, such as "e-Kinerja" or "2026-2027".
    """
    misspelt = get_close_matches(word.lower(), [sop.id for sop in mine], n=1, cutoff=0.75)
    return word.lower() in work.library.sops or bool(misspelt) or bool(_LIKE_AN_ID.fullmatch(word))


def _choose(work: Work, actor: Actor, sops: list[Sop], title: str | None) -> ChooseSop:
    about = {"options": [sop.id for sop in sops], "title": title}
    return ChooseSop(ask(work, person_of(actor), Kind.CHOOSE_SOP, about).id)


AREA = Area(
    commands={"mulai": mulai},
    picks={Kind.CHOOSE_SOP: picked_sop},
    questions={Kind.CHOOSE_SOP: ChooseSop},
)
