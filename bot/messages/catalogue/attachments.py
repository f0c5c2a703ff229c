"""Catalogue: attachments: files that travel with a task or a case."""

from __future__ import annotations

from bot.messages.catalogue.entry import Entries

ENTRIES: Entries = {}
