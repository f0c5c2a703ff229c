"""A card's whole life: accept, note, later, more time, undo, claim and release."""

from __future__ import annotations

from handlers.area import Area

AREA = Area()
