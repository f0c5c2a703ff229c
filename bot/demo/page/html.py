"""Answers that no stranger can script, frame, mistake for something else or keep."""

from __future__ import annotations

from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import HTMLResponse, JSONResponse

from bot.demo.page.words import table

if TYPE_CHECKING:
    from starlette.responses import Response

    from bot.demo.page.problems import PageProblem
    from bot.demo.telegram.entities import Json

_POLICY = "default-src 'self'; img-src 'self' data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
GUARDED = {
    "Cache-Control": "no-store",
    # Not "no-referrer": browsers would then hide the origin that every POST is checked for.
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}
_ENVIRONMENT = Environment(
    loader=FileSystemLoader(Path(__file__).with_name("templates")),
    undefined=StrictUndefined,
    autoescape=True,
    trim_blocks=True,
    lstrip_blocks=True,
)


def shell() -> Response:
    """Return the page, which fetches by itself what it shows."""
    return _html("shell", HTTPStatus.OK, words=table("page"))


def problem_page(problem: PageProblem) -> Response:
    """Return a page that says what is wrong, to somebody who asked for a page."""
    return _html("problem", problem.status, problem=problem)


def answered(content: Json) -> Response:
    """Return JSON."""
    return JSONResponse(content, headers=GUARDED)


def refused(problem: PageProblem) -> Response:
    """Return what is wrong, as JSON for the page's script."""
    return JSONResponse({"error": str(problem)}, status_code=problem.status, headers=GUARDED)


def _html(template: str, status: int, **values: object) -> Response:
    content = _ENVIRONMENT.get_template(f"{template}.html.j2").render(values)
    return HTMLResponse(content, status_code=status, headers=GUARDED | {"Content-Security-Policy": _POLICY})
