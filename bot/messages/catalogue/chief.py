"""Catalogue: the chief's phone: what awaits a decision."""

from __future__ import annotations

from bot.messages.catalogue.entry import Entries

ENTRIES: Entries = {}
