"""What can be said to somebody: a kind and ids, never text. Rendered when it is sent.

Each class is one message with one template; ``bot.messages.catalogue`` knows how to fill it.
Fields are JSON values, because a notice waits in the outbox until it can be delivered.

Each area says in its own ``__all__`` what it adds here.
"""

from __future__ import annotations

from typing import Any

from bot.domain.notices.answers import *
from bot.domain.notices.attachments import *
from bot.domain.notices.base import Notice as Notice
from bot.domain.notices.behalf import *
from bot.domain.notices.card_life import *
from bot.domain.notices.checklist import *
from bot.domain.notices.chief import *
from bot.domain.notices.figures import *
from bot.domain.notices.holds import *
from bot.domain.notices.monitor import *
from bot.domain.notices.office import *
from bot.domain.notices.operations import *
from bot.domain.notices.people import *
from bot.domain.notices.pictures import *
from bot.domain.notices.posts import *
from bot.domain.notices.questions import *
from bot.domain.notices.reports import *
from bot.domain.notices.secrecy import *
from bot.domain.notices.work import *

_REGISTRY: dict[str, type[Notice]] = {
    name: cls for name, cls in globals().items() if isinstance(cls, type) and issubclass(cls, Notice)
}


def from_data(name: str, data: dict[str, Any]) -> Notice:
    """Rebuild a notice from its class name and fields; raises KeyError or TypeError on foreign data."""
    values = {key: tuple(value) if isinstance(value, list) else value for key, value in data.items()}
    return _REGISTRY[name](**values)
