"""Telegram's limits on sending; they are kept in the database (see bot.services.pacing)."""

from bot.services.pacing import UNLIMITED, Limits

__all__ = ["UNLIMITED", "Limits"]
