"""Which ladder a step has, and which posts hear of its rungs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.domain.posts import SECRETARIAT
from bot.domain.reminders import DEFAULT_LADDER, Audience, Ladder, ReminderKind, audiences_of

if TYPE_CHECKING:
    from collections.abc import Collection

    from bot.domain.office_rules.rules import OfficeRules
    from bot.domain.sop import PostId, Sop


def ladder_for(rules: OfficeRules, sop: Sop, step: int) -> Ladder:
    """Return the ladder of a step (by its printed number)."""
    ladders = rules.ladders
    own = ladders.steps.get((sop.id, step)) or ladders.sops.get(sop.id)
    return own or sop.ladder or ladders.default or DEFAULT_LADDER


def audiences_under(rules: OfficeRules, kind: ReminderKind) -> frozenset[Audience]:
    """Return who hears of a rung in this office; the holders always hear that their time is up."""
    chosen = rules.audiences.get(kind, audiences_of(kind))
    return chosen | {Audience.HOLDERS} if kind is ReminderKind.DUE else chosen


def posts_above(
    rules: OfficeRules, sop: Sop, kind: ReminderKind, waiting: Collection[PostId], empty: Collection[PostId] = ()
) -> frozenset[PostId]:
    """Return the posts besides the task's own whose holders hear of a rung.

    ``waiting`` are the posts that have not reported, ``empty`` those that nobody holds. Where escalation goes
    through a post, that post hears before the head of the office: at SUPERIOR in the head's place, and the head
    at HEAD. Not so of its own lateness, nor while nobody holds it.
    """
    audiences = audiences_under(rules, kind)
    above: set[PostId] = set()
    if Audience.SUPERIOR in audiences:
        above |= _superiors(rules, sop, waiting, empty)
    if Audience.HEAD in audiences:
        above.add(sop.head.id)
    if Audience.SECRETARIAT in audiences:
        above.add(SECRETARIAT)
    return frozenset(above)


def _superiors(rules: OfficeRules, sop: Sop, waiting: Collection[PostId], empty: Collection[PostId]) -> set[PostId]:
    via, head = rules.via_secretary, sop.head.id
    superiors = {superior for post in waiting if (superior := sop.post(post).superior)}
    passable = via is not None and via not in empty and via not in waiting and via != head
    if not passable or via is None or not superiors:
        return superiors
    return (superiors - {head}) | {via}
