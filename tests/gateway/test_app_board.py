"""The live board in the program as a whole: there with a public address, and not without one."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import httpx
import pytest
from init_data_py import sign

from bot.services.holdings import appoint
from bot.services.people import ensure_person
from bot.store.tables import OfficeRow
from tests.gateway.test_app import LOCALHOST, Program, starts

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.demo.telegram import RunningServer
    from bot.services.work import Work

__all__ = ["starts"]  # a fixture

PERSON = 90_001


def _joins(work: Work) -> None:
    work.session.add(OfficeRow(id="dinas", name="Dinas", zone="WIB"))
    work.session.flush()
    appoint(work, ensure_person(work, PERSON, "Sari"), "dinas", "sekretariat")


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
def test_with_a_public_address_the_program_serves_the_board_and_stops_with_a_page_open(
    url: str, starts: Callable[..., Program], server: RunningServer
) -> None:
    program = starts(url, webhook=True)
    program.runner.run_now(_joins)
    here = f"http://{LOCALHOST}:{program.port}/papan/"
    opened = sign({"user": json.dumps({"id": PERSON, "first_name": "Sari"})}, server.token, auth_date=datetime.now(UTC))  # noqa: TID251 - as Telegram dates it
    with httpx.Client(trust_env=False, timeout=10) as http:
        assert http.get(here).status_code == 200
        session = http.post(f"{here}masuk", content=opened).json()["session"]
        with http.stream("GET", f"{here}alur", headers={"Authorization": f"Bearer {session}"}) as page:
            lines = page.iter_lines()
            assert next(lines) == "event: board"
            program.stop()
            assert "event: end" in list(lines)


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
def test_without_a_public_address_there_is_no_board(url: str, starts: Callable[..., Program]) -> None:
    program = starts(url, webhook=False)
    for path in ("/papan", "/papan/", "/papan/masuk", "/papan/berkas", "/papan/statis/board.js"):
        answer = httpx.get(f"http://{LOCALHOST}:{program.port}{path}", trust_env=False)
        assert answer.status_code == 404
