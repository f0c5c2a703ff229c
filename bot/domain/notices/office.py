"""Notices: the settings of an office."""

from __future__ import annotations

from dataclasses import dataclass

from bot.domain.notices.base import Notice

__all__ = [
    "AskSetting",
    "ChooseSetting",
    "ConfirmSettings",
    "DeadlinesEarlier",
    "SettingNotRead",
    "SettingsChanged",
    "SettingsRefused",
    "SettingsUnchanged",
]


@dataclass(frozen=True, slots=True)
class ChooseSetting(Notice):
    """What of the office's settings to change, or to what; one button each."""

    question_id: int


@dataclass(frozen=True, slots=True)
class AskSetting(Notice):
    """To what should it be set? My next text is the answer."""

    question_id: int


@dataclass(frozen=True, slots=True)
class ConfirmSettings(Notice):
    """What the change means for the open deadlines. Really apply it? Two buttons."""

    question_id: int


@dataclass(frozen=True, slots=True)
class SettingNotRead(Notice):
    """The text could not be read as what was asked for; what to write. The question stays open."""

    topic: str


@dataclass(frozen=True, slots=True)
class SettingsRefused(Notice):
    """What cannot be set so, and why. ``problems`` are (fault, detail)."""

    office_id: str
    problems: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class SettingsUnchanged(Notice):
    """It is set so already."""

    office_id: str


@dataclass(frozen=True, slots=True)
class SettingsChanged(Notice):
    """To the sekretariat, also as the answer: what was changed by whom, and how many deadlines moved."""

    office_id: str
    version: int
    moved: int


@dataclass(frozen=True, slots=True)
class DeadlinesEarlier(Notice):
    """To a holder: these tasks are due earlier than before, by a change (``version``) of the office's settings."""

    task_ids: tuple[int, ...]
    version: int
