"""/atur: what an office has set, and changing it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.domain.notices import AskSetting, ChooseSetting, ConfirmSettings, QuestionDropped
from bot.services import settings
from bot.services.questions import Kind, settle
from handlers.area import Area
from handlers.conversation import Incoming, Response, said

if TYPE_CHECKING:
    from bot.services.work import Actor, Work
    from bot.store.tables import QuestionRow


def atur(work: Work, actor: Actor, _incoming: Incoming) -> Response:
    """Let the sekretariat choose what to set."""
    return said(settings.open_menu(work, actor))


def picked_setting(work: Work, actor: Actor, question: QuestionRow, index: int) -> Response:
    """Go on with what was chosen."""
    return said(settings.chosen(work, actor, question, index))


def typed_setting(work: Work, actor: Actor, question: QuestionRow, text: str) -> Response:
    """Go on with what was written."""
    return said(settings.typed(work, actor, question, text))


def confirmed_settings(work: Work, actor: Actor, question: QuestionRow, index: int) -> Response:
    """Apply the change, or leave everything as it is."""
    if index != 0:
        settle(work, question, {"index": index})
        return Response(edit=QuestionDropped(), toast=QuestionDropped())
    return said(settings.confirmed(work, actor, question))


AREA = Area(
    commands={"atur": atur},
    picks={Kind.CHOOSE_SETTING: picked_setting, Kind.CONFIRM_SETTINGS: confirmed_settings},
    texts={Kind.TYPE_SETTING: typed_setting},
    questions={
        Kind.CHOOSE_SETTING: ChooseSetting,
        Kind.TYPE_SETTING: AskSetting,
        Kind.CONFIRM_SETTINGS: ConfirmSettings,
    },
)
