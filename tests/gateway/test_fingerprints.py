"""Every attached file gets the checksum of what Telegram really holds, however long that takes."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import timedelta
from hashlib import sha256
from typing import TYPE_CHECKING

import pytest

from bot.app import App
from bot.demo.telegram.seen import Attachment
from bot.gateway import telegram_api
from bot.gateway.fingerprints import Fingerprinter
from bot.gateway.pacing import UNLIMITED
from bot.gateway.telegram_api import make_bot
from bot.services.attachments_due import TRIED_AGAIN_AFTER, TRIED_FOR, checked, without_checksum
from bot.store.tables import AttachmentRow
from tests.gateway.conftest import QUICK

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from bot.services.work import Work
    from tests.gateway.conftest import Gateway, Weather
    from tests.services.conftest import Town

on_sqlite = pytest.mark.parametrize("lasting_store", ["sqlite"], indirect=True)
CONTENT = b"%PDF-1.7 lembar disposisi"


def attached(gateway: Gateway, town: Town, *contents: bytes) -> None:
    """Let somebody send files, kept as attachments of a task."""
    phone = gateway.phone("Sinta")
    for number, content in enumerate(contents):
        phone.sends(Attachment(f"{number}.pdf", content))
    files = list(gateway.server.telegram.files)[-len(contents) :] if contents else []
    keep(town, *files)


def keep(town: Town, *file_ids: str) -> None:
    case = town.starts()
    task = town.task(case).id
    person = town.person_id("Sinta")

    def attach(work: Work) -> None:
        for number, file_id in enumerate(file_ids):
            row = AttachmentRow(case_id=case, task_id=task, person_id=person, file_id=file_id, photo=False,
                                file_unique_id=f"u{number}", name="a.pdf", mime_type="application/pdf",
                                added_at=work.at)  # fmt: skip
            work.session.add(row)

    town.run(attach)


@contextmanager
def reading(gateway: Gateway) -> Iterator[Callable[[], None]]:
    """Run what reads files; gives what lets it look again."""

    async def make() -> Fingerprinter:
        return Fingerprinter(gateway.bot, gateway.runner, spacing=0.0)

    reader = gateway.loop.run(make())
    ended = gateway.loop.start(reader.run())

    def again() -> None:
        gateway.loop.loop.call_soon_threadsafe(reader.wake)

    try:
        yield again
    finally:
        gateway.loop.loop.call_soon_threadsafe(reader.stop)
        ended.result(10)


def sums(town: Town) -> list[str | None]:
    return [row.sha256 for row in town.rows(AttachmentRow)]


def digest(content: bytes) -> str:
    return sha256(content).hexdigest()


@on_sqlite
def test_what_is_attached_gets_the_checksum_of_its_content(gateway: Gateway, staffed: Town) -> None:
    attached(gateway, staffed, CONTENT, CONTENT + b"2")
    with reading(gateway) as again:
        gateway.wait(lambda: None not in sums(staffed), "not read")
        before = len(gateway.requests("getFile"))
        again()
        staffed.at += timedelta(days=1)
        again()
    assert sums(staffed) == [digest(CONTENT), digest(CONTENT + b"2")]
    assert [row.size for row in staffed.rows(AttachmentRow)] == [len(CONTENT), len(CONTENT) + 1]
    assert len(gateway.requests("getFile")) == before == 2


@on_sqlite
def test_the_program_reads_what_was_left_and_what_is_attached_meanwhile(
    gateway: Gateway, staffed: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Fingerprinter.__init__, "__kwdefaults__", {"spacing": 0.0})
    attached(gateway, staffed, CONTENT)

    async def make() -> App:
        bot = make_bot(gateway.server.token, gateway.server.base_url)
        return App(gateway.runner, bot, limits=UNLIMITED, timing=QUICK)

    app = gateway.loop.run(make())
    ended = gateway.loop.start(app.run())
    try:
        gateway.wait(lambda: sums(staffed) == [digest(CONTENT)], "not read at the start")
        attached(gateway, staffed, CONTENT + b"2")
        gateway.phone_of("Sari").says("/tugas")  # any commit
        gateway.wait(lambda: sums(staffed)[1:] == [digest(CONTENT + b"2")], "not read after a commit")
    finally:
        gateway.loop.loop.call_soon_threadsafe(app.stop)
        ended.result(20)


@on_sqlite
def test_without_telegram_it_waits_and_tries_again(gateway: Gateway, staffed: Town) -> None:
    attached(gateway, staffed, CONTENT)
    gateway.server.fault("status", method="getFile", status=502)
    with reading(gateway) as again:
        gateway.wait(lambda: len(gateway.requests("getFile")) == 1, "not tried")
        again()
        staffed.at += TRIED_AGAIN_AFTER
        again()
        gateway.wait(lambda: sums(staffed) == [digest(CONTENT)], "not tried again")
    assert len(gateway.requests("getFile")) == 2


@on_sqlite
def test_a_database_that_goes_away_ends_nothing(gateway: Gateway, staffed: Town, weather: Weather) -> None:
    attached(gateway, staffed, CONTENT)
    weather.fails(1)
    with reading(gateway) as again:
        assert weather.failed.wait(5)
        again()
        gateway.wait(lambda: sums(staffed) == [digest(CONTENT)], "not read")


@on_sqlite
def test_a_file_that_telegram_gives_to_no_bot_is_left_alone_and_the_next_one_read(
    gateway: Gateway, staffed: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(telegram_api, "MOST_DOWNLOADED", len(CONTENT))
    attached(gateway, staffed, CONTENT + b"too long", CONTENT)
    refusal = {"status": 400, "description": "Bad Request: file is too big"}
    with reading(gateway) as again:
        gateway.wait(lambda: staffed.rows(AttachmentRow)[1].sha256 is not None, "not read")
        keep(staffed, "x")
        gateway.server.fault("status", method="getFile", status=refusal["status"], description=refusal["description"])
        again()
        gateway.wait(lambda: staffed.rows(AttachmentRow)[2].failed is not None, "not refused")
    assert [row.failed for row in staffed.rows(AttachmentRow)] == ["file is too big", None, "file is too big"]


@on_sqlite
def test_what_may_be_there_tomorrow_is_tried_for_days_and_then_left_alone(gateway: Gateway, staffed: Town) -> None:
    keep(staffed, "x")
    words = "Bad Request: wrong file_id or the file is temporarily unavailable"
    gateway.server.fault("status", method="getFile", status=400, description=words, count=2)
    with reading(gateway) as again:
        gateway.wait(lambda: staffed.rows(AttachmentRow)[0].tried_at is not None, "not tried")
        gateway.wait(lambda: all(request["outcome"] for request in gateway.requests("getFile")), "not answered")
        assert staffed.rows(AttachmentRow)[0].failed is None
        staffed.at += TRIED_FOR
        again()
        gateway.wait(lambda: staffed.rows(AttachmentRow)[0].failed is not None, "still tried")


def test_no_two_readers_get_the_same_file_and_new_ones_go_first(staffed: Town) -> None:
    keep(staffed, "a", "b", "c")
    ids = [row.id for row in staffed.rows(AttachmentRow)]
    assert staffed.run(without_checksum, 2) == [(ids[0], "a"), (ids[1], "b")]
    assert staffed.run(without_checksum, 9) == [(ids[2], "c")]
    staffed.at += TRIED_AGAIN_AFTER
    keep(staffed, "d")
    assert [file_id for _, file_id in staffed.run(without_checksum, 3)] == ["d", "a", "b"]
    staffed.run(checked, ids[2], "0" * 64, 5)
    staffed.at += TRIED_AGAIN_AFTER
    assert [file_id for _, file_id in staffed.run(without_checksum, 9)] == ["a", "b", "d"]
