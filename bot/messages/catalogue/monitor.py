"""Catalogue: the sekretariat's group, its board and the digests."""

from __future__ import annotations

from bot.messages.catalogue.entry import Entries

ENTRIES: Entries = {}
