"""/rahasia: keep what a case is about out of Telegram."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.domain.notices import CodeNeeded
from bot.services.authorise import Capability, in_view, offices_where
from bot.services.find import the_case
from bot.services.questions import settle
from bot.services.seal_case import seal_case
from bot.services.work import Refusal
from bot.store.tables import CaseRow
from handlers.area import Area
from handlers.conversation import Incoming, Response, said, split_code

if TYPE_CHECKING:
    from bot.services.work import Actor, Work
    from bot.store.tables import QuestionRow


def rahasia(work: Work, actor: Actor, incoming: Incoming) -> Response:
    """Seal the case."""
    offices_where(work, actor, Capability.SEAL)
    code, _ = split_code(incoming.text)
    if code is None:
        raise Refusal(CodeNeeded("rahasia"))
    return said(seal_case(work, actor, the_case(work, actor, code, command="rahasia").id))


def picked_case(work: Work, actor: Actor, question: QuestionRow, index: int) -> Response:
    """Seal the chosen one of two cases with equal codes."""
    settle(work, question, {"index": index})
    case = in_view(work, actor, work.session.get(CaseRow, question.about["options"][index]))
    return said(seal_case(work, actor, case.id))


AREA = Area(commands={"rahasia": rahasia}, case_picks={"rahasia": picked_case})
