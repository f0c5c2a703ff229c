"""Notices: the checklist: what must be complete before a task moves on."""

from __future__ import annotations

__all__: list[str] = []
