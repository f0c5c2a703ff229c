"""What a visitor's request asks for: of this page only, readable, of a size that is meant."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING

from bot.demo.page.problems import PageProblem
from bot.demo.page.words import word
from bot.demo.telegram.parameters import Parameters, parse_json
from bot.demo.telegram.refusals import Refusal
from bot.demo.telegram.requests_in import BodyTooLargeError, parameters_of

if TYPE_CHECKING:
    from starlette.requests import Request

    from bot.demo.telegram.entities import Json

MOST_JSON = 64 * 1024
MOST_UPLOAD = 20 * 1024 * 1024
"""Bytes of a file; a bot cannot fetch more from Telegram either."""

_KILO = 1024
_MEGA = 1024 * 1024
_MARGIN = 64 * 1024  # what stands around the file in a form
_JSON = "application/json"
_FORM = "multipart/form-data"


@dataclass(frozen=True, slots=True)
class Asked:
    """The values of a request, each of the type it is asked for or as good as missing."""

    values: Json

    def text(self, name: str) -> str:
        """Return a text, empty where there is none."""
        value = self.values.get(name)
        return value if isinstance(value, str) else ""

    def number(self, name: str) -> int | None:
        """Return a whole number, None where there is none."""
        value = self.values.get(name)
        return value if isinstance(value, int) and not isinstance(value, bool) else None

    def named(self, name: str) -> str:
        """Return whatever stands there in writing, to be named to the visitor."""
        value = self.values.get(name)
        return "" if value is None else str(value)


def refuse_foreign(request: Request) -> None:
    """Refuse what another site's page has a browser send; a browser names the origin of all that matters here."""
    origin = request.headers.get("origin")
    if origin is not None and origin != f"http://{request.headers.get('host')}":
        raise PageProblem(HTTPStatus.FORBIDDEN, "foreign")


async def json_of(request: Request) -> Asked:
    """Return the JSON object of a request; raises PageProblem for anything else."""
    body = await _body(request)
    if _kind(request) != _JSON:
        raise PageProblem(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "not_json")
    try:
        value = parse_json(body)
    except ValueError:
        raise PageProblem(HTTPStatus.BAD_REQUEST, "unreadable") from None
    if not isinstance(value, dict):
        raise PageProblem(HTTPStatus.BAD_REQUEST, "unreadable")
    return Asked(value)


async def form_of(request: Request) -> Parameters:
    """Return a form with a file; raises PageProblem for anything else, or for a file larger than MOST_UPLOAD."""
    declared = request.headers.get("content-length", "")
    if _kind(request) != _FORM:
        await _body(request)
        raise PageProblem(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "unreadable")
    if declared.isdecimal() and int(declared) > MOST_UPLOAD + _MARGIN:
        await _body(request)
    try:
        given = await parameters_of(request)
    except Refusal as refusal:
        raise PageProblem(refusal.status, "unreadable") from None
    if any(len(file.content) > MOST_UPLOAD for file in given.files.values()):
        raise _too_large(MOST_UPLOAD)
    return given


async def _body(request: Request) -> bytes:
    """Return the body; a larger one is read to its end all the same, or the answer would never be heard."""
    kept = bytearray()
    most = MOST_UPLOAD if _kind(request) == _FORM else MOST_JSON
    size = 0
    try:
        async for piece in request.stream():
            size += len(piece)
            if size <= MOST_JSON:
                kept += piece
    except BodyTooLargeError:
        raise _too_large(most) from None
    if size > MOST_JSON:
        raise _too_large(most)
    return bytes(kept)


def _too_large(most: int) -> PageProblem:
    unit, size = ("megabytes", most // _MEGA) if most >= _MEGA else ("kilobytes", most // _KILO)
    return PageProblem(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "too_large", most=word(f"size.{unit}", amount=size))


def _kind(request: Request) -> str:
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()
