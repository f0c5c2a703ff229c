"""Files: those of the page itself, and those that people and the bot have sent each other."""

from __future__ import annotations

from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from starlette.responses import FileResponse, Response

from bot.demo.page.html import GUARDED
from bot.demo.page.problems import PageProblem

if TYPE_CHECKING:
    from bot.demo.telegram.model import StoredFile

STATIC = Path(__file__).with_name("static")
# Not asked of the machine, whose list may say anything: a browser runs no script of another type.
_TYPES = {
    ".js": "text/javascript",
    ".css": "text/css",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".webmanifest": "application/manifest+json",
}
_PICTURES = {b"\x89PNG\r\n\x1a\n": "image/png", b"\xff\xd8\xff": "image/jpeg"}
_ALONE = {"Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox"}


def static_file(name: str) -> Response:
    """Return a file of the page by its bare name; raises PageProblem where there is none."""
    path = STATIC / name
    kind = _TYPES.get(path.suffix)
    if kind is None or path.parent != STATIC or not path.is_file():
        raise PageProblem(HTTPStatus.NOT_FOUND, "missing")
    headers = {"Cache-Control": "no-cache", "X-Content-Type-Options": "nosniff"}
    return FileResponse(path, media_type=kind, headers=headers)


def is_picture(content: bytes) -> bool:
    """Whether a file is of a kind that the page shows as a picture."""
    return bool(_picture(content))


def sent_file(file: StoredFile) -> Response:
    """Return what somebody has sent: a picture to be looked at, anything else to be kept; never run by the browser."""
    kind = _picture(file.content)
    name = file.name.encode(errors="replace").decode()
    placed = "inline" if kind else "attachment"
    headers = {"Content-Disposition": f"{placed}; filename*=UTF-8''{quote(name, safe='')}"}
    # What it says it is decides nothing: a type that a browser would run stays bytes.
    return Response(file.content, media_type=kind or "application/octet-stream", headers=GUARDED | _ALONE | headers)


def _picture(content: bytes) -> str:
    return next((kind for start, kind in _PICTURES.items() if content.startswith(start)), "")
