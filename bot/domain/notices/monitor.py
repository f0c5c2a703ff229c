"""Notices: the sekretariat's group, its board and the digests."""

from __future__ import annotations

__all__: list[str] = []
