"""Notices: attachments: files that travel with a task or a case."""

from __future__ import annotations

__all__: list[str] = []
