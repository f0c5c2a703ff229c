"""Catalogue: on behalf of somebody else, and what is entered late."""

from __future__ import annotations

from bot.messages.catalogue.entry import Entries

ENTRIES: Entries = {}
