"""Notices: holds, and the moves of the sekretariat."""

from __future__ import annotations

__all__: list[str] = []
