"""Catalogue: pictures of a SOP and of a case."""

from __future__ import annotations

from bot.domain import notices as n
from bot.messages import pictures
from bot.messages.catalogue.entry import Entries, Entry

ENTRIES: Entries = {
    n.SopPicture: Entry(pictures.sop_picture, "sop_picture"),
    n.CasePicture: Entry(pictures.case_picture, "case_picture"),
}
