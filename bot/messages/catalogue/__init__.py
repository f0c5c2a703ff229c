"""Which builder and which template make a notice into a message. The explicit list, one module for each area."""

from __future__ import annotations

from bot.merging import merged
from bot.messages.catalogue import (
    answers,
    attachments,
    behalf,
    card_life,
    checklist,
    chief,
    figures,
    holds,
    monitor,
    office,
    operations,
    people,
    pictures,
    posts,
    questions,
    reports,
    secrecy,
    work,
)
from bot.messages.catalogue.entry import Builder, Entries, Entry

__all__ = ["CATALOGUE", "Builder", "Entries", "Entry"]

CATALOGUE: Entries = merged(
    "catalogue",
    (
        answers.ENTRIES,
        attachments.ENTRIES,
        behalf.ENTRIES,
        card_life.ENTRIES,
        checklist.ENTRIES,
        chief.ENTRIES,
        figures.ENTRIES,
        holds.ENTRIES,
        monitor.ENTRIES,
        office.ENTRIES,
        operations.ENTRIES,
        people.ENTRIES,
        pictures.ENTRIES,
        posts.ENTRIES,
        questions.ENTRIES,
        reports.ENTRIES,
        secrecy.ENTRIES,
        work.ENTRIES,
    ),
)
