"""From a template to an answer that no stranger can script, frame or read over the visitor's shoulder."""

from __future__ import annotations

import secrets
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import HTMLResponse

if TYPE_CHECKING:
    from starlette.responses import Response

    from bot.demo.page.problems import PageProblem

_POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'nonce-{nonce}'; connect-src 'self'; img-src data:; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_ENVIRONMENT = Environment(
    loader=FileSystemLoader(Path(__file__).with_name("templates")),
    undefined=StrictUndefined,
    autoescape=True,
    trim_blocks=True,
    lstrip_blocks=True,
)


def html(template: str, *, problem: PageProblem | None, **values: object) -> Response:
    """Return a page, with the status of the problem that it names."""
    nonce = secrets.token_urlsafe(16)
    content = _ENVIRONMENT.get_template(f"{template}.html.j2").render(values, problem=problem, nonce=nonce)
    headers = {
        "Content-Security-Policy": _POLICY.format(nonce=nonce),
        "Cache-Control": "no-store",
        # Not "no-referrer": browsers would then hide the origin that every POST is checked for.
        "Referrer-Policy": "same-origin",
        "X-Content-Type-Options": "nosniff",
    }
    return HTMLResponse(content, status_code=problem.status if problem else HTTPStatus.OK, headers=headers)
