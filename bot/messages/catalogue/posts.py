"""Catalogue: posts over time: who stands in, who hands over, who holds what until when."""

from __future__ import annotations

from bot.messages.catalogue.entry import Entries

ENTRIES: Entries = {}
