"""/jeda, /lanjut, /pindah and /mundur: holds, and the moves of the sekretariat."""

from __future__ import annotations

from handlers.area import Area

AREA = Area()
