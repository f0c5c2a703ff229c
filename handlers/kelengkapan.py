"""The checklist: what must be complete before a task moves on."""

from __future__ import annotations

from handlers.area import Area

AREA = Area()
