"""The real command behind a webhook: it plays a dialogue, says how it is, and ends without losing anything."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING

from tests.end_to_end.conftest import link_codes, wait_for
from tests.end_to_end.replicas import SECRET, Replicas

if TYPE_CHECKING:
    from pathlib import Path

    from bot.demo.telegram import RunningServer


def test_a_dialogue_over_the_webhook_and_a_stop_that_loses_nothing(tmp_path: Path, server: RunningServer) -> None:
    with Replicas(tmp_path, server, f"sqlite:///{tmp_path / 'sop.db'}", 1, LOG_LEVEL="DEBUG") as replicas:
        (replica,) = replicas.all
        status, health = replica.health()
        assert (status, health["status"], health["database"]) == (200, "ok", "ok")
        secretary = server.person(7001, "Sari")
        (code,) = link_codes(replicas.command("invite", "bkpsdm", "sekretariat"))
        secretary.says(f"/start {code}")
        wait_for(server, secretary, lambda message: "Selamat datang" in message.text, "the welcome")
        assert server.requests("getUpdates") == []
        figures = replica.metrics()
        assert figures['sop_bot_updates_total{kind="command"}'] == 1
        assert figures["sop_bot_database_up"] == 1
        assert replica.end(signal.SIGTERM) == 0
        secretary.says("/status")
        assert server.state()["pending_updates"] == 1, "what comes meanwhile waits with Telegram"
        replica.start()
        server.wait_until_all_taken()
        secretary.waits_for("berkas")
        assert not [secret for secret in (server.token, SECRET) if secret in replicas.logs()]
