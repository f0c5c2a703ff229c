"""Notices: what the bot asks."""

from __future__ import annotations

from dataclasses import dataclass

from bot.domain.notices.base import Notice

__all__ = [
    "AskCancelReason",
    "AskReason",
    "ChooseCase",
    "ChooseHolding",
    "ChoosePost",
    "ChooseSop",
    "ChooseTask",
    "ConfirmCancel",
    "ConfirmRemoval",
    "QuestionDropped",
]


@dataclass(frozen=True, slots=True)
class ChooseSop(Notice):
    """Which SOP to start; one button each."""

    question_id: int


@dataclass(frozen=True, slots=True)
class ChooseTask(Notice):
    """Which of my tasks is meant; one button each."""

    question_id: int


@dataclass(frozen=True, slots=True)
class ChooseCase(Notice):
    """Which case is meant, where two offices have equal codes; one button each."""

    question_id: int


@dataclass(frozen=True, slots=True)
class AskReason(Notice):
    """Why is the step rejected? My next text is the answer."""

    question_id: int


@dataclass(frozen=True, slots=True)
class AskCancelReason(Notice):
    """Why should the case be ended? My next text is the answer."""

    question_id: int


@dataclass(frozen=True, slots=True)
class ConfirmCancel(Notice):
    """Really end this case? Two buttons."""

    question_id: int


@dataclass(frozen=True, slots=True)
class ChoosePost(Notice):
    """For which post is the invitation? One button each (offices first, where several)."""

    question_id: int


@dataclass(frozen=True, slots=True)
class ChooseHolding(Notice):
    """Who loses which post? One button each."""

    question_id: int


@dataclass(frozen=True, slots=True)
class ConfirmRemoval(Notice):
    """Really take this person off the post? Two buttons."""

    question_id: int


@dataclass(frozen=True, slots=True)
class QuestionDropped(Notice):
    """The choice was withdrawn (Tidak), or a question lapsed before its answer. ``lapsed`` tells which."""

    lapsed: bool = False
