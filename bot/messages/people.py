"""People and posts: invitations, and who holds what."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.domain.posts import SECRETARIAT, HoldingKind
from bot.domain.sop import Office, Zone
from bot.messages.actions import Action, Verb
from bot.messages.case_view import CaseLine, TaskLine, task_and_case
from bot.messages.dates import Clock
from bot.messages.keyboards import button
from bot.messages.labels import join, label
from bot.messages.limits import NAME_LIMIT, shorten
from bot.messages.message import Style
from bot.messages.view import Context
from bot.services.invitations import code_of
from bot.store import queries
from bot.store.tables import HoldingRow, InvitationRow, OfficeRow, PersonRow

if TYPE_CHECKING:
    from datetime import datetime

    from bot.domain import notices as n
    from bot.messages.message import Button
    from bot.messages.view import View


@dataclass(frozen=True, slots=True)
class HoldingLine:
    """A person on a post. ``over`` tells that they do not hold it any more."""

    person: str
    post: str
    office: str
    over: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class InvitationLinkContext(Context):
    """``link`` is empty where the bot has a new token since: the code cannot be told any more.

    ``replaces`` is whoever keeps the post until the invitation is used, if it replaces somebody.
    """

    link: str
    post: str
    office: str
    until: str
    name: str
    replaces: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldingContext(Context):
    """``secretariat`` tells that the post is the office's monitor."""

    holding: HoldingLine
    secretariat: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class WelcomeContext(HoldingContext):
    """``open_tasks`` counts what waits for the recipient already, as /tugas does."""

    open_tasks: int


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldingRemovedContext(Context):
    """``empty`` tells that nobody holds the post now; ``open_tasks`` counts what waits for it."""

    holding: HoldingLine
    by: str
    empty: bool
    open_tasks: int


@dataclass(frozen=True, slots=True, kw_only=True)
class InvitationRefusedContext(Context):
    """``why``: ``used``, ``expired`` or ``unknown``."""

    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EmptyPostsContext(Context):
    """``posts`` are those without a holder; without a definitive one, where the task is ``strategic``."""

    case: CaseLine
    task: TaskLine
    posts: str
    strategic: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class UnreachableContext(Context):
    """``username`` is the bot's own, where known."""

    person: str
    username: str | None


def holding_line(view: View, row: HoldingRow) -> HoldingLine:
    """Return who holds what where, and as what."""
    over = row.until is not None and row.until <= max(view.at, row.since)
    post = view.post_as(row.office_id, row.post_id, HoldingKind(row.kind))
    return HoldingLine(view.person(row.person_id), post, view.office(row.office_id), over)


def invitation_link(view: View, notice: n.InvitationLink) -> InvitationLinkContext | None:
    """Return the deep link of a fresh invitation; None once it was used or has expired."""
    row = view.session.get_one(InvitationRow, notice.invitation_id)
    if row.used_at is not None or row.expires_at <= view.at:
        return None
    username, code = view.bot_username(), code_of(view.work, row) or ""
    return InvitationLinkContext(
        link=label("link.invitation", username=username, code=code) if username and code else code,
        post=view.post(row.office_id, row.post_id),
        office=view.office(row.office_id),
        until=_moment(view, row.office_id, row.expires_at),
        name=shorten(row.name or "", NAME_LIMIT),
        replaces=view.person(view.session.get_one(HoldingRow, row.replaces).person_id) if row.replaces else "",
    )


def _moment(view: View, office_id: str, when: datetime) -> str:
    row = view.session.get_one(OfficeRow, office_id)
    office = view.work.library.offices.get(office_id) or Office(row.id, row.name, Zone(row.zone))
    return Clock(view.work.calendar_for(office), view.at).moment(when)


def invitation_accepted(view: View, notice: n.InvitationAccepted) -> WelcomeContext | None:
    """Return the welcome; None where the post was lost again meanwhile."""
    row = view.session.get_one(HoldingRow, notice.holding_id)
    line = holding_line(view, row)
    if line.over:
        return None
    return WelcomeContext(
        holding=line,
        secretariat=row.post_id == SECRETARIAT,
        open_tasks=len(queries.open_tasks_of(view.session, row.person_id, view.at)),
    )


def invitation_used(view: View, notice: n.InvitationUsed) -> HoldingContext:
    """Return who took which post, with a button to undo it while that lasts."""
    remove = button(label("button.remove"), Action(Verb.REMOVE, notice.holding_id), Style.DANGER)
    return _holding(view, notice.holding_id, remove)


def post_lost(view: View, notice: n.PostLost) -> HoldingContext:
    """Return which post is not the recipient's any more."""
    return _holding(view, notice.holding_id)


def holding_refusal(view: View, notice: n.LastSecretariat | n.HoldingOver) -> HoldingContext:
    """Return why a person cannot be taken off a post."""
    return _holding(view, notice.holding_id)


def _holding(view: View, holding_id: int, remove: Button | None = None) -> HoldingContext:
    row = view.session.get_one(HoldingRow, holding_id)
    line = holding_line(view, row)
    buttons = () if line.over or remove is None else ((remove,),)
    return HoldingContext(holding=line, secretariat=row.post_id == SECRETARIAT, buttons=buttons)


def holding_removed(view: View, notice: n.HoldingRemoved) -> HoldingRemovedContext:
    """Return who was taken off which post, and what that leaves behind."""
    row = view.session.get_one(HoldingRow, notice.holding_id)
    return HoldingRemovedContext(
        holding=holding_line(view, row),
        by=view.person(notice.by_id),
        empty=not queries.holders_of(view.session, row.office_id, [row.post_id], view.at),
        open_tasks=len(queries.open_tasks_of_posts(view.session, row.office_id, [row.post_id])),
    )


def invitation_refused(_view: View, notice: n.InvitationRefused) -> InvitationRefusedContext:
    """Return why the code does not work."""
    return InvitationRefusedContext(why=notice.why)


def empty_posts(view: View, notice: n.EmptyPosts) -> EmptyPostsContext | None:
    """Return which posts a task waits for in vain; None when all are held or it has ended."""
    case, task = task_and_case(view, notice.task_id)
    office_id = case.row.office_id
    waiting = case.waiting(task) if task.ended_at is None else ()
    at, strategic = view.at, task.strategic
    empty = [p for p in waiting if not queries.holders_of(view.session, office_id, [p], at, strategic=strategic)]
    if not empty:
        return None
    posts = join([view.post(office_id, post) for post in empty])
    return EmptyPostsContext(case=case.line, task=case.task_line(task), posts=posts, strategic=task.strategic)


def person_unreachable(view: View, notice: n.PersonUnreachable) -> UnreachableContext | None:
    """Return whom Telegram does not reach; None when they have written since."""
    row = view.session.get_one(PersonRow, notice.person_id)
    if row.unreachable_since is None:
        return None
    held = [h for h in queries.holdings_of(view.session, row.id, view.at) if h.office_id in view.offices]
    posts = join([view.post(holding.office_id, holding.post_id) for holding in held])
    name = view.person(row.id)
    person = label("person.at_post", person=name, post=posts) if posts else name
    return UnreachableContext(person=person, username=view.bot_username())
