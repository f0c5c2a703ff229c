"""The sekretariat's group: where alerts go, what is wrong with it, and which office is meant."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.messages.asking import QuestionContext, choice, question_of
from bot.messages.limits import NAME_LIMIT, shorten
from bot.messages.view import Context
from bot.services.groups import chat_for

if TYPE_CHECKING:
    from bot.domain import notices as n
    from bot.messages.view import View


@dataclass(frozen=True, slots=True, kw_only=True)
class OfficeContext(Context):
    """An office, and the title of its group where that matters."""

    office: str
    group: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupLostContext(OfficeContext):
    """``why``: ``left`` (the bot was thrown out) or ``refused`` (it may not write there)."""

    why: str
    username: str | None


@dataclass(frozen=True, slots=True)
class Place:
    """Where one office's alerts go: a group, one that was ``lost``, or (without ``group``) the monitors in private."""

    office: str
    group: str
    lost: bool
    monitors: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WhereContext(Context):
    """One line for each office that the recipient watches over."""

    places: tuple[Place, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChooseOfficeContext(QuestionContext):
    """``then`` is what the office is chosen for: ``sekretariat``, ``lepas`` or ``papan``."""

    then: str
    group: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BotContext(Context):
    """``username`` is the bot's own, where known."""

    username: str | None


def alerts_here(view: View, notice: n.AlertsHere) -> OfficeContext | None:
    """Return what a new alert group is told; None where it is that no longer."""
    if view.group_office != notice.office_id:
        return None
    return OfficeContext(office=view.office(notice.office_id))


def alerts_left(view: View, notice: n.AlertsLeft) -> OfficeContext | None:
    """Return that nothing more comes to a group; None where it has become the office's again."""
    if view.group_office == notice.office_id:
        return None
    return OfficeContext(office=view.office(notice.office_id))


def alerts_released(view: View, notice: n.AlertsReleased) -> OfficeContext:
    """Return that an office has no alert group any more."""
    return OfficeContext(office=view.office(notice.office_id))


def alerts_where(view: View, _notice: n.AlertsWhere) -> WhereContext | None:
    """Return where the alerts of the recipient's offices go."""
    offices = [office for office in view.offices if view.is_secretariat(office)]
    return WhereContext(places=tuple(_place(view, office) for office in offices)) if offices else None


def _place(view: View, office_id: str) -> Place:
    row = chat_for(view.work, office_id)
    return Place(
        office=view.office(office_id),
        group=shorten(row.title, NAME_LIMIT) if row is not None else "",
        lost=row is not None and row.lost_at is not None,
        monitors=view.secretariat(office_id) or "",
    )


def choose_office(view: View, notice: n.ChooseOffice) -> ChooseOfficeContext | None:
    """Return which office may be meant."""
    question = question_of(view, notice.question_id)
    labels = [(index, view.office(office)) for index, office in enumerate(question.about["options"])]
    state = choice(view, question, labels)
    if state is None:
        return None
    group = shorten(question.about.get("title") or "", NAME_LIMIT)
    return ChooseOfficeContext(then=question.about["then"], group=group, **state)


def about_bot(view: View, _notice: n.ChooseOfficeInPrivate) -> BotContext:
    """Return where to find the bot in private."""
    return BotContext(username=view.bot_username())


def group_lost(view: View, notice: n.GroupLost) -> GroupLostContext | None:
    """Return that a group is lost, and why; None where there is a new one, or it is no matter of the recipient's."""
    row = chat_for(view.work, notice.office_id)
    if row is None or row.lost_at is None or not view.is_secretariat(notice.office_id):
        return None
    return GroupLostContext(
        office=view.office(notice.office_id),
        group=shorten(row.title, NAME_LIMIT),
        why=row.lost_why or "",
        username=view.bot_username(),
    )


def pin_right(view: View, notice: n.PinRight) -> OfficeContext | None:
    """Return in which group the right to pin is missing; None where the group is another's by now."""
    row = chat_for(view.work, notice.office_id)
    if row is None or row.lost_at is not None or not view.is_secretariat(notice.office_id):
        return None
    return OfficeContext(office=view.office(notice.office_id), group=shorten(row.title, NAME_LIMIT))
