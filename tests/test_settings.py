"""Settings: every bad variable in one message, exit code 2, and no secret in any of it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from bot.cli import NOT_SET_UP, run_command
from bot.settings import Settings, SettingsProblem, read_settings

TOKEN = "123456789:" + "Aa1_-" * 7
NAMES = {name.upper() for name in Settings.model_fields}
SOP_DIR = Path(__file__).parents[1] / "sop_data"

Environment = pytest.MonkeyPatch


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> pytest.MonkeyPatch:
    """Begin with nothing set, in a folder without ``.env``."""
    for name in list(os.environ):
        if name.upper() in NAMES:
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    return monkeypatch


def problems(environment: pytest.MonkeyPatch, **variables: str) -> list[str]:
    """Return the lines that bad variables get."""
    for name, value in variables.items():
        environment.setenv(name, value)
    with pytest.raises(SettingsProblem) as caught:
        read_settings()
    return list(caught.value.lines)


# --- what works -----------------------------------------------------------------------------


def test_without_any_variable_the_defaults_count() -> None:
    settings = read_settings()
    assert (settings.bot_token, settings.database_url, settings.admin_ids) == (
        None,
        "sqlite:///var/sop.db",
        frozenset(),
    )
    assert (settings.log_level, settings.log_format) == ("INFO", "text")
    assert settings.sop_dir == SOP_DIR, "the checkout's, wherever the program is called from"


def test_empty_variables_are_as_good_as_none(environment: Environment) -> None:
    defaults = read_settings()
    for name in NAMES:
        environment.setenv(name, "")
    assert read_settings() == defaults


@pytest.mark.parametrize(
    ("name", "value", "field", "expected"),
    [
        ("BOT_TOKEN", f" {TOKEN}\n", "bot_token", TOKEN),
        ("BOT_API_URL", "http://127.0.0.1:8081/", "bot_api_url", "http://127.0.0.1:8081"),
        ("ADMIN_IDS", " 111, 222 ,,333", "admin_ids", frozenset({111, 222, 333})),
        ("ADMIN_IDS", "111", "admin_ids", frozenset({111})),
        ("DATABASE_URL", "postgresql://u:p@host/db", "database_url", "postgresql://u:p@host/db"),
        ("DATABASE_URL", "postgresql+psycopg://host/db", "database_url", "postgresql+psycopg://host/db"),
        ("LOG_LEVEL", "debug", "log_level", "DEBUG"),
        ("LOG_FORMAT", " JSON ", "log_format", "json"),
        ("LISTEN", "0.0.0.0:8443", "listen", "0.0.0.0:8443"),
        ("LISTEN", "[::1]:8443", "listen", "[::1]:8443"),
        ("WEBHOOK_SECRET", "a-b_c1", "webhook_secret", "a-b_c1"),
    ],
)
def test_each_variable_is_read(environment: Environment, name: str, value: str, field: str, expected: object) -> None:
    environment.setenv(name, value)
    assert getattr(read_settings(), field) == expected


def test_the_file_is_read_and_the_environment_outranks_it(environment: Environment, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text(f"BOT_TOKEN={TOKEN}\nLOG_LEVEL=DEBUG\nSOMETHING_ELSE=1\n")
    environment.setenv("LOG_LEVEL", "ERROR")
    settings = read_settings()
    assert (settings.bot_token, settings.log_level) == (TOKEN, "ERROR")


def test_settings_cannot_be_changed() -> None:
    with pytest.raises(Exception, match="frozen"):
        read_settings().log_level = "DEBUG"  # type: ignore[misc] # that is the point


# --- what does not --------------------------------------------------------------------------

BAD = {
    "BOT_TOKEN": "not-a-token",
    "BOT_API_URL": "ftp://host",
    "DATABASE_URL": "mysql://host/db",
    "ADMIN_IDS": "budi",
    "SOP_DIR": "no/such/folder",
    "WEBHOOK_URL": "https//typo",
    "WEBHOOK_SECRET": "ada spasi",
    "LISTEN": "8443",
    "LOG_LEVEL": "LOUD",
    "LOG_FORMAT": "xml",
}


def test_all_bad_variables_are_named_in_one_message_each_with_what_to_write(environment: Environment) -> None:
    lines = problems(environment, **BAD)
    assert sorted(line.split(":")[0] for line in lines) == sorted(BAD)
    assert all(len(line.split(": ", 1)[1]) > 15 for line in lines)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("BOT_TOKEN", f"{TOKEN}!"),
        ("BOT_TOKEN", "123456789"),
        ("BOT_TOKEN", ":AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw1"),
        ("BOT_TOKEN", f"{TOKEN} {TOKEN}"),
        ("BOT_API_URL", "127.0.0.1:8081"),
        ("BOT_API_URL", "http://"),
        ("BOT_API_URL", "http://[::1"),
        ("DATABASE_URL", "berkas.db"),
        ("DATABASE_URL", "sqlite"),
        ("ADMIN_IDS", "1;2"),
        ("ADMIN_IDS", "0"),
        ("ADMIN_IDS", "-5"),
        ("ADMIN_IDS", "1.0"),
        ("ADMIN_IDS", "٣"),
        ("ADMIN_IDS", "4503599627370496"),
        ("ADMIN_IDS", "9" * 5000),
        ("SOP_DIR", "/dev/null"),
        ("LISTEN", "host"),
        ("LISTEN", "host:port"),
        ("WEBHOOK_SECRET", "x" * 257),
        ("LOG_LEVEL", "TRACE"),
    ],
)
def test_a_bad_value_is_refused_by_name(environment: Environment, name: str, value: str) -> None:
    (line,) = problems(environment, **{name: value})
    assert line.startswith(f"{name}: ")
    assert TOKEN not in line


# --- the webhook ----------------------------------------------------------------------------

WEBHOOK = {"WEBHOOK_SECRET": "kunci", "LISTEN": "127.0.0.1:8443"}


@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("https://bot.example", "/"),
        ("https://bot.example/", "/"),
        ("https://bot.example:8443/telegram/a-b_c.1~", "/telegram/a-b_c.1~"),
    ],
)
def test_a_webhook_has_its_path_from_its_address(environment: Environment, url: str, path: str) -> None:
    for name, value in (WEBHOOK | {"WEBHOOK_URL": url}).items():
        environment.setenv(name, value)
    settings = read_settings()
    assert (settings.webhook_url, settings.webhook_path, settings.listen_on) == (url, path, ("127.0.0.1", 8443))


def test_a_webhook_names_everything_it_needs_at_once(environment: Environment) -> None:
    lines = problems(environment, WEBHOOK_URL="https://bot.example/telegram")
    assert [line.split(":")[0] for line in lines] == ["WEBHOOK_SECRET", "LISTEN"]
    assert all("harus diisi bila WEBHOOK_URL diisi" in line for line in lines)


def test_a_bad_address_does_not_hide_what_else_is_missing(environment: Environment) -> None:
    lines = problems(environment, WEBHOOK_URL="bot.example", BOT_API_URL="typo")
    assert [line.split(":")[0] for line in lines] == ["BOT_API_URL", "WEBHOOK_URL", "WEBHOOK_SECRET", "LISTEN"]


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("bot.example/telegram", "alamat lengkap"),
        ("ftp://bot.example/telegram", "alamat lengkap"),
        ("https://bot.example:99999/", "alamat lengkap"),
        ("http://bot.example/telegram", "http:// hanya bersama BOT_API_URL"),
        ("https://nama:sandi@bot.example/", "tanpa nama pengguna"),
        ("https://bot.example/?a=b", "tanpa nama pengguna"),
        ("https://bot.example/{path}", "huruf, angka"),
        ("https://bot.example/healthz", "jalur lain"),
        ("https://bot.example/papan", "jalur lain"),
        ("https://bot.example/papan/x", "jalur lain"),
        ("https://bot.example:8080/", "8443"),
    ],
)
def test_an_address_that_could_not_work_is_refused(environment: Environment, url: str, says: str) -> None:
    (line,) = problems(environment, **WEBHOOK, WEBHOOK_URL=url)
    assert line.startswith("WEBHOOK_URL: ")
    assert says in line
    assert "sandi" not in line


def test_a_server_of_ones_own_may_post_over_plain_http_to_any_port(environment: Environment) -> None:
    variables = WEBHOOK | {"WEBHOOK_URL": "http://10.0.0.7:8080/telegram", "BOT_API_URL": "http://10.0.0.8:8081"}
    for name, value in variables.items():
        environment.setenv(name, value)
    assert read_settings().webhook_path == "/telegram"


@pytest.mark.parametrize(
    ("listen", "on"), [("[::1]:8443", ("::1", 8443)), ("localhost:9", ("localhost", 9)), ("", None)]
)
def test_health_and_figures_may_be_served_beside_polling(
    environment: Environment, listen: str, on: tuple[str, int] | None
) -> None:
    environment.setenv("LISTEN", listen)
    assert read_settings().listen_on == on


# --- words ----------------------------------------------------------------------------------


def test_the_words_are_indonesian_and_for_an_operator(environment: Environment) -> None:
    (line,) = problems(environment, ADMIN_IDS="budi")
    assert line == "ADMIN_IDS: tulis angka id Telegram dipisahkan koma, misalnya 111111111,222222222"


# --- the command line -----------------------------------------------------------------------


@pytest.mark.parametrize("command", [["run"], ["check"], ["roster", "export"], ["migrate"]])
def test_any_command_ends_with_2_and_one_message_on_the_error_stream(
    environment: Environment, capsys: pytest.CaptureFixture[str], command: list[str]
) -> None:
    for name, value in BAD.items():
        environment.setenv(name, value)
    assert run_command(command) == NOT_SET_UP == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert all(f"{name}: " in printed.err for name in BAD)
    assert len(printed.err.splitlines()) == 1 + len(BAD)


def test_run_without_a_token_says_where_to_get_one(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert run_command(["run"]) == NOT_SET_UP
    printed = capsys.readouterr()
    assert "BOT_TOKEN: " in printed.err
    assert "@BotFather" in printed.err
    assert not (tmp_path / "var").exists(), "nothing is made before the settings are right"


def test_a_password_or_a_token_never_shows_in_what_is_printed(
    environment: Environment, capsys: pytest.CaptureFixture[str]
) -> None:
    environment.setenv("BOT_TOKEN", TOKEN)
    environment.setenv("DATABASE_URL", "postgresql://sop:rahasia@/nowhere?host=/no/such/folder")
    environment.setenv("WEBHOOK_SECRET", "kunci-rahasia")
    assert "rahasia" not in repr(read_settings())
    assert TOKEN not in repr(read_settings())
    assert run_command(["migrate"]) == 1
    printed = capsys.readouterr()
    assert printed.err
    assert "rahasia" not in printed.err + printed.out
    assert TOKEN not in printed.err + printed.out


def test_a_bad_variable_beside_the_token_does_not_show_the_token(
    environment: Environment, capsys: pytest.CaptureFixture[str]
) -> None:
    environment.setenv("BOT_TOKEN", TOKEN)
    environment.setenv("LOG_LEVEL", TOKEN)
    assert run_command(["run"]) == NOT_SET_UP
    assert TOKEN not in "".join(capsys.readouterr())


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("BOT_API_URL", "http://127.0.0.1:8081/bot"),
        ("DATABASE_URL", "postgresql+psycopg2://host/db"),
        ("LISTEN", "127.0.0.1:99999"),
    ],
)
def test_what_could_not_work_is_refused_at_the_start(environment: Environment, name: str, value: str) -> None:
    [line] = problems(environment, **{name: value})
    assert line.startswith(f"{name}: tulis ")


def test_a_missing_token_is_named_beside_the_other_bad_variables(environment: Environment) -> None:
    environment.setenv("LOG_LEVEL", "bogus")
    with pytest.raises(SettingsProblem) as caught:
        read_settings(token_needed=True)
    assert sorted(line.partition(":")[0] for line in caught.value.lines) == ["BOT_TOKEN", "LOG_LEVEL"]


def test_a_settings_file_in_another_encoding_is_a_line_and_no_traceback(tmp_path: Path) -> None:
    (tmp_path / ".env").write_bytes("LOG_LEVEL=INFO # catatan \xe9".encode("latin-1"))
    with pytest.raises(SettingsProblem, match=r"\.env: bukan teks UTF-8"):
        read_settings()
