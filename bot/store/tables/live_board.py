"""What Telegram was told about the live board."""

from __future__ import annotations

from sqlalchemy import BigInteger
from sqlalchemy.orm import Mapped, mapped_column

from bot.store.tables.base import Base


class MenuButtonRow(Base):
    """That a private chat's menu button opens the live board at ``url``. Gone where it shows the commands again."""

    __tablename__ = "menu_button"
    bot_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    telegram_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    url: Mapped[str]
