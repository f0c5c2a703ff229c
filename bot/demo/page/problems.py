"""What a visitor's request can run into, with the words that say so."""

from __future__ import annotations

from bot.demo.page.words import word

_LONGEST_QUOTE = 60


class PageProblem(Exception):  # noqa: N818 - an answer to the visitor
    """A request that is answered with a text instead of being carried out."""

    def __init__(self, status: int, key: str, **values: object) -> None:
        """Take the HTTP status and the name of the text; long values are quoted in part."""
        shown = {name: _short(value) for name, value in values.items()}
        super().__init__(word(f"problem.{key}", **shown))
        self.status = status


def _short(value: object) -> str:
    text = str(value)
    return text if len(text) <= _LONGEST_QUOTE else f"{text[:_LONGEST_QUOTE]}…"
