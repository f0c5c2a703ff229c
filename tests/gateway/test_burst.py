"""A burst under enforced limits: nothing refused, nothing twice, in order. See benchmarks/burst.py for its time."""

from __future__ import annotations

import time

from bot.domain.notices import Apology, Help
from bot.services import outbox
from bot.services.pacing import Limits
from bot.store.tables import OutboxRow
from tests.gateway.conftest import Gateway
from tests.services.conftest import Town


def test_a_burst_breaks_no_limit_and_keeps_the_order_however_many_couriers_share_it(
    gateway: Gateway, staffed: Town
) -> None:
    people = list(staffed.ids)
    phones = {who: gateway.phone(who) for who in people}
    replicas = 1 if staffed.store.engine.dialect.name == "sqlite" else 3
    limits = Limits(per_second=20, private_gap=0.25)
    gateway.server.pace(overall_per_second=20, private_per_second=1 / 0.25, burst=1)
    for _ in range(5):
        for who in people:
            staffed.run(outbox.put, staffed.ids[who], Help(), person_id=staffed.person_id(who))
    staffed.run(outbox.put, staffed.ids["Sari"], Apology(), priority=outbox.Priority.ANSWER)
    gateway.clock.runs_since = time.monotonic()
    for _ in range(replicas):
        gateway.delivers(limits)
    # Asking the server costs the couriers less than asking their database.
    gateway.wait(lambda: len(gateway.requests("sendMessage")) == 5 * len(people) + 1, "not sent")
    gateway.wait(gateway.settled, "not settled")
    assert gateway.server.state()["violations"] == 0
    assert {who: len(phone.chat()) for who, phone in phones.items()} == {who: 5 + (who == "Sari") for who in people}
    assert "maaf" in phones["Sari"].chat()[0].text.lower()
    for phone in phones.values():
        rows = [row for row in staffed.rows(OutboxRow) if row.chat_id == phone.id]
        rows.sort(key=lambda row: (row.priority, row.id))
        assert [row.attempts for row in rows] == [1] * len(rows)
        sent = [row.message_id or 0 for row in rows]
        assert sent == sorted(sent)
