"""The chief's phone: what awaits a decision, in few touches."""

from __future__ import annotations

from handlers.area import Area

AREA = Area()
