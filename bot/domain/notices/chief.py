"""Notices: the chief's phone: what awaits a decision."""

from __future__ import annotations

__all__: list[str] = []
