"""Catalogue: a card's whole life: accepted, noted, put off, given more time, undone, claimed and released."""

from __future__ import annotations

from bot.messages.catalogue.entry import Entries

ENTRIES: Entries = {}
