"""The demo's page: a phone for each official, the office's clock and a guided tour, told by server-sent events."""

from __future__ import annotations

from bot.demo.page.routes import Page

__all__ = ["Page"]
