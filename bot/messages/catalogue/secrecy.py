"""Catalogue: secret cases."""

from __future__ import annotations

from bot.domain import notices as n
from bot.messages import cases
from bot.messages.catalogue.entry import Entries, Entry

ENTRIES: Entries = {
    n.CaseSealed: Entry(cases.case_named, "case_sealed"),
    n.SecretWithheld: Entry(cases.case_named, "secret_withheld"),
}
