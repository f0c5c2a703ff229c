"""/plh and /jabatan: who holds a post, from when until when."""

from __future__ import annotations

from handlers.area import Area

AREA = Area()
