"""Catalogue: attachments: files that travel with a task or a case."""

from __future__ import annotations

from bot.domain import notices as n
from bot.messages import attachments, refusals
from bot.messages.catalogue.entry import Entries, Entry

ENTRIES: Entries = {
    n.AskFile: Entry(attachments.ask_file, "ask_file"),
    n.FilesAttached: Entry(attachments.files_attached, "files_attached"),
    n.FileKnown: Entry(attachments.file_known, "file_known"),
    n.FileRefused: Entry(attachments.file_refused, "file_refused"),
    n.FileUnplaced: Entry(refusals.plain, "file_unplaced"),
    n.AttachedFile: Entry(attachments.attached_file, "attached_file"),
    n.FileList: Entry(attachments.file_list, "file_list"),
}
