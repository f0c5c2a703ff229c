"""From an HTTP request to parameters: every way in which Telegram accepts them, none that breaks the server."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.datastructures import Headers, UploadFile
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException
from starlette.responses import PlainTextResponse

from bot.demo.telegram.parameters import Parameters, Upload, parse_json
from bot.demo.telegram.refusals import TOO_LARGE, Refusal, bad_request

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from bot.demo.telegram.entities import Json

MAX_BODY = 60 * 1024 * 1024
_JSON = "application/json"
_FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")


class BodyTooLargeError(Exception):
    """More bytes came than any method takes."""


class BodyLimit:
    """Middleware that stops reading a request body after ``limit`` bytes."""

    def __init__(self, app: ASGIApp, limit: int = MAX_BODY) -> None:
        self._app = app
        self._limit = limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on with a counting ``receive``."""
        left = self._limit

        async def counted() -> Message:
            nonlocal left
            message = await receive()
            left -= len(message.get("body", b""))
            if left < 0:
                raise BodyTooLargeError
            return message

        await self._app(scope, counted, send)


class OwnOrigin:
    """Middleware that refuses what another site's page has a browser send to the paths below ``prefix``.

    Browsers name the origin of every such request; phones of tests and the bot name none.
    """

    def __init__(self, app: ASGIApp, prefix: str) -> None:
        self._app = app
        self._prefix = prefix

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on unless it is foreign."""
        if scope["type"] == "http" and scope["path"].startswith(self._prefix):
            headers = Headers(scope=scope)
            if headers.get("origin", own := f"http://{headers.get('host')}") != own:
                await PlainTextResponse("Forbidden", status_code=403)(scope, receive, send)
                return
        await self._app(scope, receive, send)


async def parameters_of(request: Request) -> Parameters:
    """Return the parameters of query and body; raises Refusal when the body cannot be read."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    values: Json = dict(request.query_params)
    try:
        if kind == _JSON:
            return Parameters(values | _object(await request.body()))
        if kind in _FORMS:
            return await _form(request, values)
        await request.body()
    except BodyTooLargeError:
        raise Refusal(TOO_LARGE, "Request Entity Too Large") from None
    return Parameters(values)


def _object(body: bytes) -> Json:
    if not body:
        return {}
    try:
        value = parse_json(body)
    except ValueError:
        raise bad_request("can't parse request body as JSON") from None
    if not isinstance(value, dict):
        raise bad_request("request body must be a JSON object")
    return value


async def _form(request: Request, values: Json) -> Parameters:
    files: dict[str, Upload] = {}
    try:
        async with request.form(max_part_size=MAX_BODY) as form:
            for name, value in form.multi_items():
                if isinstance(value, UploadFile):
                    kind = value.content_type or "application/octet-stream"
                    files[name] = Upload(value.filename or name, await value.read(), kind)
                else:
                    values[name] = value
    except (HTTPException, MultiPartException, ValueError, KeyError):
        raise bad_request("can't parse request body as a form") from None
    return Parameters(values, files)
