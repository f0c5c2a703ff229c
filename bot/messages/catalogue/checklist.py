"""Catalogue: the checklist: what must be complete before a task moves on."""

from __future__ import annotations

from bot.messages.catalogue.entry import Entries

ENTRIES: Entries = {}
