"""Notices: posts over time: who stands in, who hands over, who holds what until when."""

from __future__ import annotations

__all__: list[str] = []
