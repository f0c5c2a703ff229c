"""The bot as a process that is killed and started again, hundreds of times."""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, Self

if TYPE_CHECKING:
    from collections.abc import Mapping

ROOT = Path(__file__).resolve().parents[2]
SMALL_SOPS = ROOT / "tests" / "chaos" / "sop"
"""One short SOP that has everything: a step for several posts, a decision, reminders after a minute."""
PATIENCE = 60.0
KILLED = -signal.SIGKILL


class Process(Protocol):
    """The bot, running or not."""

    ahead: float

    @property
    def alive(self) -> bool:
        """Whether it runs."""

    def start(self, **dying: str) -> None:
        """Start it; ``dying`` are the arguments of ``dying.arm``."""

    def kill(self) -> None:
        """SIGKILL it."""

    def end(self) -> int:
        """SIGTERM it and return its exit code."""

    def close(self) -> None:
        """Make sure that nothing is left running."""


def environment(token: str, server_url: str, database_url: str, **more: str) -> dict[str, str]:
    """Return what an operator tells the bot."""
    told = {"BOT_TOKEN": token, "BOT_API_URL": server_url, "DATABASE_URL": database_url}
    return told | more


class Plain:
    """``python -m bot run``, nothing added; its clock is the machine's."""

    def __init__(self, folder: Path, told: Mapping[str, str]) -> None:
        """Prepare; nothing runs yet."""
        self.ahead = 0.0
        self._log = folder / "log"
        self._folder = folder
        self._environment = {"PATH": os.environ.get("PATH", ""), "PYTHONPATH": str(ROOT), **told}
        self._running: subprocess.Popen[bytes] | None = None

    @property
    def alive(self) -> bool:
        """Whether it runs."""
        return self._running is not None and self._running.poll() is None

    def start(self, **dying: str) -> None:
        """Start it."""
        assert not dying, "the plain program cannot be told where to die"
        with self._log.open("ab") as log:
            self._running = subprocess.Popen(
                [sys.executable, "-m", "bot", "run"], cwd=self._folder, env=self._environment, stdout=log, stderr=log
            )

    def kill(self) -> None:
        """SIGKILL it."""
        assert self._signal(signal.SIGKILL) == KILLED, self.log()

    def end(self) -> int:
        """SIGTERM it and return its exit code."""
        return self._signal(signal.SIGTERM)

    def _signal(self, by: signal.Signals) -> int:
        assert self._running is not None
        self._running.send_signal(by)
        return self._running.wait(PATIENCE)

    def close(self) -> None:
        """Make sure that nothing is left running."""
        if self.alive:
            self.kill()

    def log(self) -> str:
        """Return what it has logged."""
        return self._log.read_text(encoding="utf-8") if self._log.exists() else ""


class Forked:
    """The same command, forked from an interpreter that has read the code (see ``entry``).

    ``ahead`` is by how many seconds the clock of the next start runs ahead of the machine's.
    """

    def __init__(
        self, folder: Path, told: Mapping[str, str], *, ahead: float = 0.0, hurry: bool = False, name: str = "bot"
    ) -> None:
        """Read the code; nothing runs yet."""
        self.ahead = ahead
        self._log = folder / f"{name}.log"
        self._order: dict[str, Any] = {
            "folder": str(folder),
            "log": str(self._log),
            "environment": dict(told),
            "hurry": hurry,
        }
        with (folder / "mother.log").open("ab") as log:
            self._mother = subprocess.Popen(
                [sys.executable, "-m", "tests.chaos.entry"],
                cwd=ROOT,
                env={"PATH": os.environ.get("PATH", ""), "PYTHONPATH": str(ROOT)},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                bufsize=0,  # two answers that came at once must both be seen by select
            )
        self._pid: int | None = None
        self._status: int | None = None
        assert self._answer() == "ready", (folder / "mother.log").read_text()

    def _answer(self) -> str:
        assert self._mother.stdout is not None
        ready, _, _ = select.select([self._mother.stdout], [], [], PATIENCE)
        assert ready, "no answer from the mother process"
        return self._mother.stdout.readline().decode().strip()

    @property
    def alive(self) -> bool:
        """Whether it runs."""
        return self._pid is not None and not self._over(0.0)

    def _over(self, timeout: float) -> bool:
        """Wait for the child's end; whether it has come."""
        assert self._mother.stdout is not None
        if self._pid is None:
            return True
        ready, _, _ = select.select([self._mother.stdout], [], [], timeout)
        if ready:
            self._status, self._pid = os.waitstatus_to_exitcode(int(self._answer())), None
        return bool(ready)

    def start(self, **dying: str) -> None:
        """Start it; ``dying`` are the arguments of ``dying.arm``."""
        assert self._pid is None, "it runs already"
        assert self._mother.stdin is not None
        order = json.dumps({**self._order, "ahead": self.ahead, "dying": dying}) + "\n"
        self._mother.stdin.write(order.encode())
        self._mother.stdin.flush()
        self._pid = int(self._answer())

    def kill(self) -> None:
        """SIGKILL it."""
        assert self._signal(signal.SIGKILL) == KILLED, self.log()

    def end(self) -> int:
        """SIGTERM it and return its exit code."""
        return self._signal(signal.SIGTERM)

    def wait(self, timeout: float = PATIENCE) -> int | None:
        """Wait for it to end by itself and return its exit code, None where it still runs."""
        return self._status if self._over(timeout) else None

    @property
    def status(self) -> int | None:
        """How the last process ended."""
        return self._status

    def _signal(self, by: signal.Signals) -> int:
        if self._pid is not None:
            os.kill(self._pid, by)  # a child of the mother's: reaped only when she has told us
            assert self._over(PATIENCE), f"it survived {by.name}"
        assert self._status is not None
        return self._status

    def close(self) -> None:
        """Make sure that nothing is left running: the child goes with its mother."""
        assert self._mother.stdin is not None
        assert self._mother.stdout is not None
        self._mother.stdin.close()
        self._mother.wait(PATIENCE)
        self._mother.stdout.close()

    def log(self) -> str:
        """Return what it has logged."""
        return self._log.read_text(encoding="utf-8") if self._log.exists() else ""

    def __enter__(self) -> Self:
        """Return the process itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Leave nothing running."""
        self.close()
