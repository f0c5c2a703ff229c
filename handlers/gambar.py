"""Pictures: a SOP's table, and how far a case is in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.domain.notices import CasePicture, NotUnderstood, SopPicture, SopUnknown
from bot.messages.actions import SHAPES, Action, Verb
from bot.services.authorise import in_view
from bot.services.work import Refusal
from bot.store.tables import CaseRow, SopVersionRow
from handlers.area import Area
from handlers.conversation import Incoming, Response, said

if TYPE_CHECKING:
    from bot.services.work import Actor, Work


def pressed_picture(work: Work, actor: Actor, _incoming: Incoming, action: Action) -> Response:
    """Send a case's picture."""
    case = in_view(work, actor, work.session.get(CaseRow, action.subject))
    return said(CasePicture(case.id, _shape(action)))


def pressed_sop_picture(work: Work, actor: Actor, _incoming: Incoming, action: Action) -> Response:
    """Send a SOP's picture."""
    version = in_view(work, actor, work.session.get(SopVersionRow, action.subject))
    if version.sop_id not in work.library.sops:
        raise Refusal(SopUnknown(version.sop_id))
    return said(SopPicture(version.sop_id, _shape(action)))


def _shape(action: Action) -> str:
    place = action.extra or 0
    if place >= len(SHAPES):
        raise Refusal(NotUnderstood())
    return SHAPES[place]


AREA = Area(buttons={Verb.PICTURE: pressed_picture, Verb.SOP_PICTURE: pressed_sop_picture})
