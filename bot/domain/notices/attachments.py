"""Notices: attachments: files that travel with a task or a case."""

from __future__ import annotations

from dataclasses import dataclass

from bot.domain.notices.base import Notice

__all__ = [
    "AskFile",
    "AttachedFile",
    "FileKnown",
    "FileList",
    "FileRefused",
    "FileUnplaced",
    "FilesAttached",
]


@dataclass(frozen=True, slots=True)
class AskFile(Notice):
    """Which files belong to the task? My next documents and photos are the answer."""

    question_id: int


@dataclass(frozen=True, slots=True)
class FilesAttached(Notice):
    """Answer to whoever attached files: what the task has from them since attachment ``since_id``."""

    task_id: int
    since_id: int


@dataclass(frozen=True, slots=True)
class FileKnown(Notice):
    """The task has this very content already, as attachment ``attachment_id``."""

    attachment_id: int


@dataclass(frozen=True, slots=True)
class FileRefused(Notice):
    """A file was not taken, and what to do instead.

    ``why``: ``size``, ``kind`` (neither document nor photo), ``many`` (the task is full) or ``secret``.
    """

    why: str
    task_id: int | None = None


@dataclass(frozen=True, slots=True)
class FileUnplaced(Notice):
    """A file that belongs to no task that anybody could tell; how to say which."""


@dataclass(frozen=True, slots=True)
class AttachedFile(Notice):
    """The file itself. With ``to_task`` it comes with that task, below its card."""

    attachment_id: int
    to_task: int | None = None


@dataclass(frozen=True, slots=True)
class FileList(Notice):
    """The files of a case, newest first, one button each; ``page`` counts from 0."""

    case_id: int
    page: int = 0
