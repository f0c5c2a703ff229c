"""The demo's page: one form, the clock, and every official's chat as text; plain HTML from the server."""

from __future__ import annotations

from bot.demo.page.routes import Page

__all__ = ["Page"]
