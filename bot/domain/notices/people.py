"""Notices: people and posts."""

from __future__ import annotations

from dataclasses import dataclass

from bot.domain.notices.base import Notice

__all__ = [
    "EmptyPosts",
    "HoldingRemoved",
    "InvitationAccepted",
    "InvitationLink",
    "InvitationRefused",
    "InvitationUsed",
    "PersonUnreachable",
    "PostLost",
]


@dataclass(frozen=True, slots=True)
class InvitationLink(Notice):
    """A fresh invitation: the deep link, for which post, until when. The link is made when it is sent."""

    invitation_id: int


@dataclass(frozen=True, slots=True)
class InvitationAccepted(Notice):
    """To the new holder: which post, in which office, what now."""

    holding_id: int


@dataclass(frozen=True, slots=True)
class InvitationUsed(Notice):
    """To the sekretariat: who took which post, with a Cabut button."""

    holding_id: int


@dataclass(frozen=True, slots=True)
class InvitationRefused(Notice):
    """The code does not work. ``why``: ``used``, ``expired`` or ``unknown``."""

    why: str


@dataclass(frozen=True, slots=True)
class HoldingRemoved(Notice):
    """To the sekretariat: who was taken off which post, by whom, and what now lies without a holder."""

    holding_id: int
    by_id: int


@dataclass(frozen=True, slots=True)
class PostLost(Notice):
    """To the person: you no longer hold this post."""

    holding_id: int


@dataclass(frozen=True, slots=True)
class EmptyPosts(Notice):
    """To the sekretariat: a task waits for posts that nobody holds."""

    task_id: int


@dataclass(frozen=True, slots=True)
class PersonUnreachable(Notice):
    """To the sekretariat, once: Telegram does not deliver to this person."""

    person_id: int
