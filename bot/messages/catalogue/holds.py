"""Catalogue: holds, and the moves of the sekretariat."""

from __future__ import annotations

from bot.messages.catalogue.entry import Entries

ENTRIES: Entries = {}
