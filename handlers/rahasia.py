"""Secret cases: who may see them and what others are told."""

from __future__ import annotations

from handlers.area import Area

AREA = Area()
