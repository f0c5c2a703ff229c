"""A strict local Bot API server: it refuses what Telegram refuses, in Telegram's words.

``build_app(Telegram(token, now))`` is the application; ``TelegramServer.start()`` runs it in a thread and gives
out the phones of people.
"""

from __future__ import annotations

from bot.demo.telegram.app import build_app
from bot.demo.telegram.client import NotSeenError, Office, Person
from bot.demo.telegram.seen import Attachment, Marker, SeenMessage
from bot.demo.telegram.server import DEMO_TOKEN, RunningServer, TelegramServer, server_config
from bot.demo.telegram.state import Telegram

__all__ = [
    "DEMO_TOKEN",
    "Attachment",
    "Marker",
    "NotSeenError",
    "Office",
    "Person",
    "RunningServer",
    "SeenMessage",
    "Telegram",
    "TelegramServer",
    "build_app",
    "server_config",
]
