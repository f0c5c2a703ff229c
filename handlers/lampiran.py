"""Attachments: files that travel with a task or a case."""

from __future__ import annotations

from handlers.area import Area

AREA = Area()
