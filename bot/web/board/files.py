"""The page and its files: the same for everybody, read once, without anything of any case."""

from __future__ import annotations

import hashlib
import json
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import Response

from bot.web.board.answers import FILE_HEADERS, page_headers, refused

if TYPE_CHECKING:
    from starlette.requests import Request

_HERE = Path(__file__).parent
STATIC = _HERE / "static"
_KINDS = {".js": "text/javascript", ".css": "text/css"}


class Files:
    """What is served without a session."""

    def __init__(self, framed_by: tuple[str, ...]) -> None:
        """Read everything; ``framed_by`` are the origins that may show the page in a frame."""
        self._page = _page()
        self._headers = page_headers(framed_by)
        found = sorted(STATIC.iterdir())
        self._files = {file.name: _File(file) for file in found if file.suffix in _KINDS}

    async def page(self, _: Request) -> Response:
        """Return the page."""
        return Response(self._page, media_type="text/html", headers=self._headers)

    async def file(self, request: Request) -> Response:
        """Return one of its files, or that the browser has it already."""
        file = self._files.get(request.path_params["name"])
        if file is None:
            return refused(404)
        headers = {**FILE_HEADERS, "ETag": file.tag}
        if request.headers.get("if-none-match") == file.tag:
            return Response(status_code=304, headers=headers)
        return Response(file.content, media_type=file.kind, headers=headers)


class _File:
    def __init__(self, path: Path) -> None:
        self.content = path.read_bytes()
        self.kind = _KINDS[path.suffix]
        self.tag = f'"{hashlib.sha256(self.content).hexdigest()[:16]}"'


def read_words() -> dict[str, dict[str, str]]:
    """Return the page's words: those that stand on it, and those that its scripts say."""
    words: dict[str, dict[str, str]] = tomllib.loads((_HERE / "words.toml").read_text(encoding="utf-8"))
    return words


def _page() -> str:
    words = read_words()
    environment = Environment(loader=FileSystemLoader(_HERE), undefined=StrictUndefined, autoescape=True)
    script = json.dumps(words["script"], ensure_ascii=False)
    return environment.get_template("page.html.j2").render(words=words["page"], script=script)
