"""Notices: on behalf of somebody else, and what is entered late."""

from __future__ import annotations

__all__: list[str] = []
