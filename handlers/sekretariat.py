"""The sekretariat's group and its board."""

from __future__ import annotations

from handlers.area import Area

AREA = Area()
