"""Notices: the sekretariat's group, its board and the digests."""

from __future__ import annotations

from dataclasses import dataclass

from bot.domain.notices.base import Notice

__all__ = [
    "AlertsHere",
    "AlertsLeft",
    "AlertsReleased",
    "AlertsWhere",
    "Board",
    "BoardClosed",
    "BoardReleased",
    "ChooseOffice",
    "ChooseOfficeInPrivate",
    "GroupLost",
    "GroupTaken",
    "MorningDigest",
    "NoAlertGroup",
    "PinRight",
    "WeekSummary",
]


@dataclass(frozen=True, slots=True)
class AlertsHere(Notice):
    """In the group: this is the office's alert group now, what will be sent here, and how to undo it."""

    office_id: str


@dataclass(frozen=True, slots=True)
class AlertsLeft(Notice):
    """In the group that was the office's until now: nothing more comes here."""

    office_id: str


@dataclass(frozen=True, slots=True)
class AlertsReleased(Notice):
    """Answer to whoever ended the alert group: the monitors are told in private again."""

    office_id: str


@dataclass(frozen=True, slots=True)
class AlertsWhere(Notice):
    """In private: where the alerts of the recipient's offices go, and how to change it."""


@dataclass(frozen=True, slots=True)
class NoAlertGroup(Notice):
    """There is no alert group to end here."""


@dataclass(frozen=True, slots=True)
class GroupTaken(Notice):
    """The group is that of another office; two may not share one. Says nothing of the other."""


@dataclass(frozen=True, slots=True)
class ChooseOffice(Notice):
    """To a monitor of several offices, in private: which one is meant."""

    question_id: int


@dataclass(frozen=True, slots=True)
class ChooseOfficeInPrivate(Notice):
    """In the group: the choice of the office waits in the private chat."""


@dataclass(frozen=True, slots=True)
class GroupLost(Notice):
    """To each monitor, once: nothing reaches the alert group any more, and what to do."""

    office_id: str


@dataclass(frozen=True, slots=True)
class PinRight(Notice):
    """To whoever set the group, once: the board cannot be pinned, and which right is missing."""

    office_id: str


@dataclass(frozen=True, slots=True)
class Board(Notice):
    """The office's running cases, the most endangered first: one living message for each chat."""

    office_id: str


@dataclass(frozen=True, slots=True)
class BoardClosed(Notice):
    """What a board becomes that is not kept up to date any more."""


@dataclass(frozen=True, slots=True)
class BoardReleased(Notice):
    """Answer to whoever ended their own board."""


@dataclass(frozen=True, slots=True)
class MorningDigest(Notice):
    """To the sekretariat on a working day's morning: what is due today, late, held, unheld or not accepted."""

    digest_id: int


@dataclass(frozen=True, slots=True)
class WeekSummary(Notice):
    """To the sekretariat at the end of the week: what was finished, how quickly, and what stays."""

    digest_id: int
