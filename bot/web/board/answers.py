"""The answers of the board's routes, with the headers that keep it where it belongs."""

from __future__ import annotations

from starlette.responses import Response

_COMMON = {"X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer"}
_OURS = {**_COMMON, "Cross-Origin-Resource-Policy": "same-origin"}
DATA_HEADERS = {**_OURS, "Cache-Control": "no-store"}
FILE_HEADERS = {**_OURS, "Cache-Control": "no-cache"}


def page_headers(framed_by: tuple[str, ...]) -> dict[str, str]:
    """Return the headers of the page itself: scripts, styles and data from here only, framed by Telegram only."""
    policy = (
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; "
        "base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'; trusted-types 'none'; "
        f"frame-ancestors {' '.join(framed_by)}"
    )
    return {
        **_COMMON,
        "Cache-Control": "no-store",
        "Content-Security-Policy": policy,
        "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=()",
    }


def json_answer(text: str, status: int = 200) -> Response:
    """Return data that is ready as JSON."""
    return Response(text, status_code=status, media_type="application/json", headers=DATA_HEADERS)


def refused(status: int, *, retry_after: int = 0, hang_up: bool = False) -> Response:
    """Return a status and nothing else. ``hang_up``: what is left of the request is not read."""
    headers = dict(DATA_HEADERS)
    if retry_after:
        headers["Retry-After"] = str(retry_after)
    if hang_up:
        headers["Connection"] = "close"
    return Response(status_code=status, headers=headers)
