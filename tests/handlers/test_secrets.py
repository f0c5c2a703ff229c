"""Neither the token nor the code of an invitation ever stands in the database, whatever goes wrong."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import select

from bot.demo.telegram import DEMO_TOKEN
from bot.store.tables import Base, OutboxRow, UpdateRow
from handlers import dispatch
from handlers.registry import COMMANDS

if TYPE_CHECKING:
    import pytest

    from bot.services.work import Actor, Work
    from handlers.conversation import Incoming, Response
    from tests.handlers.conftest import Cast, Desk


def _everything(work: Work) -> str:
    rows = [row for table in Base.metadata.sorted_tables for row in work.session.execute(select(table))]
    return "\n".join(map(repr, rows))


def _raw(desk: Desk) -> bytes:
    """Return the database as it lies on the disk, what was deleted and what is not yet checkpointed included."""
    file = str(desk.stage.runner.store.engine.url.database)
    return b"".join(path.read_bytes() for path in (Path(file), Path(f"{file}-wal")) if path.exists())


def _link(desk: Desk, cast: Cast) -> str:
    desk.talk((cast.sekretariat, "/undang", "jabatan"))
    [answer] = desk.talk((cast.sekretariat, "[Staf Umum]", "~Undangan", "?start="))
    return answer.text.split("?start=")[1].split()[0]


def test_no_secret_is_in_the_database_after_a_dialogue_with_failures(
    desk: Desk, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    used, unused = _link(desk, cast), _link(desk, cast)
    newcomer = desk.stranger("Wahyu")
    desk.talk((newcomer, f"/start {used}", "Staf Umum"))

    def fails(_work: Work, _actor: Actor, incoming: Incoming) -> Response:
        # As an error of the HTTP client quotes the address it called, and another one what it was given.
        raise ValueError(f"https://api.telegram.org/bot{DEMO_TOKEN}/sendMessage: /start {incoming.text}")

    monkeypatch.setattr(dispatch, "COMMANDS", {**COMMANDS, "start": fails})
    late = desk.stranger("Yulia")
    desk.talk((late, f"/start {unused}", "gangguan"), (late, f"https://t.me/sop_demo_bot?start={unused}", "terdaftar"))
    desk.expects_refusal("blocked")
    for kind in ("forbidden", "drop"):
        desk.office.fault(kind, method="sendMessage", chat=cast.kepala.id, count=1)
        cast.kepala.says("/tugas")
        desk.stage.settle()
    monkeypatch.undo()
    dump = desk.stage.ask(_everything)
    failed = desk.stage.ask(lambda work: [row for row in work.session.scalars(select(UpdateRow)) if row.failure])
    errors = desk.stage.ask(lambda work: [row.error for row in work.session.scalars(select(OutboxRow)) if row.error])
    assert [row.failure for row in failed] != []
    assert "/start <secret>" in str(failed[0].body)
    assert errors != []
    raw = _raw(desk)
    for secret in (DEMO_TOKEN, DEMO_TOKEN.partition(":")[2], used, unused):
        assert secret not in dump
        assert secret.encode() not in raw
    desk.talk((late, f"/start {unused}", "Staf Umum"))  # what was hidden still works for whoever has it
