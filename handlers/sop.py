"""/sop: the office's SOPs and their steps."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.domain.notices import SopDetail, SopList, SopPicture, SopUnknown
from bot.messages.actions import Action, Verb
from bot.services.authorise import in_view
from bot.services.find import member_offices
from bot.services.work import Refusal
from bot.store.tables import SopVersionRow
from handlers.area import Area
from handlers.conversation import Incoming, Response, said

if TYPE_CHECKING:
    from bot.services.work import Actor, Work


def sop(work: Work, actor: Actor, incoming: Incoming) -> Response:
    """List the SOPs, or show the one that is named; an office's only SOP needs no name."""
    offices = member_offices(work, actor)
    word = incoming.text.strip().lower()
    if not word:
        served = [sop for office in offices for sop in work.library.of_office(office)]
        return _shown(served[0].id) if len(served) == 1 else said(SopList())
    found = work.library.sops.get(word)
    if found is None or found.office.id not in offices:
        raise Refusal(SopUnknown(incoming.text.strip()))
    return _shown(found.id)


def pressed_sop(work: Work, actor: Actor, _incoming: Incoming, action: Action) -> Response:
    """Show the SOP of the button."""
    version = in_view(work, actor, work.session.get(SopVersionRow, action.subject))
    if version.sop_id not in work.library.sops:
        raise Refusal(SopUnknown(version.sop_id))
    return _shown(version.sop_id)


def _shown(sop_id: str) -> Response:
    """Send the steps as a text, and behind it the picture."""
    return said(SopDetail(sop_id), SopPicture(sop_id))


AREA = Area(commands={"sop": sop}, buttons={Verb.SOP: pressed_sop})
