"""The settings of an office."""

from __future__ import annotations

from handlers.area import Area

AREA = Area()
