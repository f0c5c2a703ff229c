"""On behalf of somebody else, and what is entered late."""

from __future__ import annotations

from handlers.area import Area

AREA = Area()
