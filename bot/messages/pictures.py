"""Pictures of a SOP and of a case, with the few words below them, and the buttons that ask for them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.drawing.paper import Form
from bot.messages.actions import SHAPES, Action, Verb
from bot.messages.case_view import CaseLine, case_view
from bot.messages.keyboards import button
from bot.messages.labels import label
from bot.messages.limits import TITLE_LIMIT, shorten
from bot.messages.papers.case_flow import flow_of, standing
from bot.messages.papers.flow import flow_paper, sop_flow
from bot.messages.view import Context

if TYPE_CHECKING:
    from bot.domain import notices as n
    from bot.drawing.flow import Flow
    from bot.drawing.paper import Paper
    from bot.messages.message import Button
    from bot.messages.view import View


@dataclass(frozen=True, slots=True, kw_only=True)
class SopPictureContext(Context):
    """Whose picture it is; ``count`` counts the steps."""

    name: str
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CasePictureContext(Context):
    """Whose picture it is, and in one line how it stands."""

    case: CaseLine
    standing: str


def sop_picture(view: View, notice: n.SopPicture) -> SopPictureContext | None:
    """Return a SOP's picture; None where it is not served any more, or not theirs to see."""
    sop = view.sop(notice.sop_id)
    if sop is None:
        return None
    return SopPictureContext(
        name=shorten(sop.name, TITLE_LIMIT),
        count=len(sop.steps),
        paper=_paper(sop_flow(sop), notice.shape, label("picture.sop", id=sop.id)),
    )


def case_picture(view: View, notice: n.CasePicture) -> CasePictureContext:
    """Return a case's picture, as it stands when it is sent."""
    case = case_view(view, notice.case_id)
    return CasePictureContext(
        case=case.line,
        standing=standing(case),
        paper=_paper(flow_of(case), notice.shape, label("picture.case", code=case.row.code)),
    )


def case_buttons(case_id: int) -> tuple[Button, ...]:
    """Return a button for each shape of a case's picture."""
    names = ("picture", "picture_wide", "picture_pdf")
    return tuple(
        button(label(f"button.{name}"), Action(Verb.PICTURE, case_id, shape)) for shape, name in enumerate(names)
    )


def _paper(flow: Flow, shape: str, name: str) -> Paper:
    form = Form.PDF if shape == "pdf" else Form.PICTURE
    return flow_paper(flow, form, portrait=shape == SHAPES[0], name=name)
