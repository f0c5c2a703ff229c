"""Notices: the settings of an office."""

from __future__ import annotations

__all__: list[str] = []
