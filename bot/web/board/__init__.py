"""The live board (papan langsung): a page over the running cases, in Telegram and in any browser.

Who may see it is said by Telegram (``admission``) for as long as a session lasts (``sessions``), and by the store
for each look (bot.services.live_board). It is read-only and keeps nothing.
"""

from __future__ import annotations

from bot.web.board.routes import LiveBoard
from bot.web.board.settings import TELEGRAM_WEB, Bounds, Lifetimes, Pace, button_url

__all__ = ["TELEGRAM_WEB", "Bounds", "Lifetimes", "LiveBoard", "Pace", "button_url"]
