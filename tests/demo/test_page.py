"""The demo's page over real HTTP: every official plays on it, and nothing a visitor sends breaks it."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest

from bot.demo.clock import SteppedClock
from bot.demo.page import Page
from bot.demo.page.words import word
from bot.demo.play import OPENING, UnknownSopError
from bot.demo.serve import DemoRefusedError, serve
from bot.demo.stage import Stage
from bot.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator

SOP = """
id: {id}
nama: {name}
singkatan: {short}
instansi: {{id: {office}, nama: {office_name}, zona: WIB}}
pelaksana:
  kepala_dinas: {{nama: Kepala Dinas}}
  kasubag: {{nama: Kasubag Program, atasan: kepala_dinas}}
langkah:
  - {{nomor: 1, kegiatan: Menyusun konsep, pelaksana: [kasubag], waktu: 2 Hari}}
  - {{nomor: 2, kegiatan: Menandatangani dokumen, pelaksana: [kepala_dinas], waktu: 1 Jam}}
"""
PLAN = {"id": "dinas-pk", "name": "Penyusunan Perjanjian Kinerja", "short": "PK"}
REPORT = {"id": "dinas-lkj", "name": "Penyusunan Laporan Kinerja", "short": "LKJ"}
DINAS = {"office": "dinas", "office_name": "Dinas Arsip"}
BADAN = PLAN | {"id": "badan-pk", "office": "badan", "office_name": "Badan Riset"}
BIRO = PLAN | {"id": "biro-pk", "office": "biro", "office_name": "Biro Umum"}
TURNS = PLAN | {"id": "giliran-pk", "office": "giliran", "office_name": "Kantor Giliran"}
UNPLAYED = PLAN | {"id": "unit-pk", "office": "unit", "office_name": "Unit Baru"}
SEKRETARIAT, KASUBAG, KEPALA = "sekretariat", "kasubag", "kepala_dinas"
ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    folder = tmp_path_factory.mktemp("sop")
    for values in (PLAN | DINAS, REPORT | DINAS, BADAN, BIRO, TURNS, UNPLAYED):
        (folder / f"{values['id']}.yaml").write_text(SOP.format(**values), encoding="utf-8")
    (folder / "kalender").mkdir()
    return Settings(_env_file=None, bot_token=None, sop_dir=folder)


@pytest.fixture(scope="module")
def stage(settings: Settings) -> Iterator[Stage]:
    page = Page()
    with Stage(settings, SteppedClock(OPENING), routes=page.routes()) as stage:
        page.open(stage, "dinas-pk")
        yield stage


@dataclass
class Browser:
    """A browser without JavaScript."""

    http: httpx.Client
    sop: str = "dinas-pk"
    shown: str = ""

    def opens(self, **query: str) -> str:
        """Open the page and return its HTML."""
        return self.takes(self.http.get("/", params={"sop": self.sop} | query))

    def sends(self, form: str, post: str, **fields: str) -> str:
        """Send one of the page's forms as an official and return the HTML that is shown then."""
        return self.takes(self.http.post(form, data={"sop": self.sop, "as": post} | fields))

    def takes(self, response: httpx.Response) -> str:
        """Show an answer."""
        self.status = response.status_code
        self.shown = response.text
        return self.shown

    def says(self, post: str, text: str) -> str:
        """Write a text as an official."""
        return self.sends("/say", post, text=text)

    def presses(self, post: str, label: str) -> str:
        """Press the newest button of that label in an official's chat."""
        pattern = r'name="message" value="(\d+)">((?:(?!</form>).)*)</form>'
        for message, form in reversed(re.findall(pattern, self.section(post), re.DOTALL)):
            button = re.search(rf'<button name="button" value="([^"]*)"[^>]*>{label}</button>', form)
            if button:
                return self.sends("/press", post, message=message, button=unescape(button[1]))
        pytest.fail(f"no button {label!r} in\n{self.chat(post)}")

    def section(self, post: str) -> str:
        """Return the HTML of an official's chat."""
        found = re.search(rf'<section class="chat[^"]*" id="chat-{post}".*?</section>', self.opens(), re.DOTALL)
        assert found, self.shown
        return found[0]

    def chat(self, post: str) -> str:
        """Return what can be read in an official's chat."""
        return unescape(re.sub(r"<[^>]*>", "", self.section(post)))

    @property
    def problem(self) -> str:
        """What the page last shown complains about, else empty."""
        found = re.search(r'class="problem" role="alert">(.*?)</p>', self.shown, re.DOTALL)
        return unescape(found[1]) if found else ""


@pytest.fixture
def browser(stage: Stage) -> Iterator[Browser]:
    with httpx.Client(base_url=stage.office.base_url, trust_env=False, follow_redirects=True, timeout=30) as http:
        yield Browser(http)


# --- playing --------------------------------------------------------------------------------


def test_the_page_names_sop_office_moment_and_every_official(browser: Browser) -> None:
    page = browser.opens()
    assert browser.status == 200
    for shown in ("Penyusunan Perjanjian Kinerja", "Dinas Arsip", "Kepala Dinas", "Kasubag Program", "Sekretariat"):
        assert shown in page
    assert re.search(r"<time>\w+, \d+ \w+ \d\d\.\d\d WIB</time>", page)
    assert "Selamat datang" in browser.chat(KEPALA)


def test_a_sent_text_is_answered_on_the_page_that_follows(browser: Browser) -> None:
    page = browser.says(SEKRETARIAT, "/mulai dinas-pk Perjanjian Kinerja 2027")
    assert "berkas sudah dimulai" in page
    assert '<option value="sekretariat" selected>' in page


def test_a_pressed_button_moves_the_case_to_the_next_official_and_shows_the_notice(browser: Browser) -> None:
    browser.says(SEKRETARIAT, "/mulai dinas-pk Renja Pindah")
    browser.presses(KASUBAG, "Selesai")
    assert "Renja Pindah" in browser.chat(KEPALA)
    assert "Muncul sekilas:" in browser.chat(KASUBAG)
    assert "diperbarui" in browser.chat(KASUBAG)


def test_whose_turn_it_is_is_marked_until_the_task_has_ended(browser: Browser) -> None:
    browser.sop = "giliran-pk"
    browser.says(SEKRETARIAT, "/mulai giliran-pk Renja Giliran")
    assert "ada tugas" in browser.section(KASUBAG)
    assert "ada tugas" not in browser.section(KEPALA)
    browser.says(KASUBAG, "/tugas")
    browser.says(KASUBAG, "/selesai")
    assert "ada tugas" not in browser.section(KASUBAG)
    assert "ada tugas" in browser.section(KEPALA)


def test_a_question_is_marked_and_the_next_text_answers_it(browser: Browser) -> None:
    browser.says(SEKRETARIAT, "/mulai dinas-pk Renja Ditolak")
    browser.presses(KASUBAG, "Selesai")
    browser.presses(KEPALA, "Tolak")
    assert "adalah jawabannya" in browser.chat(KEPALA)
    assert "ditanya" in browser.shown
    browser.says(KEPALA, "Target belum diisi")
    assert "Membalas:" in browser.chat(KEPALA)
    assert "Target belum diisi" in browser.chat(KASUBAG)


def test_the_notice_of_a_press_goes_with_time(browser: Browser) -> None:
    browser.says(SEKRETARIAT, "/mulai dinas-pk Renja Sekilas")
    browser.presses(KASUBAG, "Selesai")
    browser.sends("/clock", KASUBAG, jump="minutes")
    assert "Muncul sekilas:" not in browser.shown


def test_the_clock_moves_to_the_deadline_and_its_reminder_appears(browser: Browser) -> None:
    browser.sop = "biro-pk"
    browser.says(SEKRETARIAT, "/mulai biro-pk Renja Terlambat")
    assert "Waktu habis" not in browser.chat(KASUBAG)
    browser.sends("/clock", SEKRETARIAT, jump="due")
    assert browser.problem == ""
    assert "Waktu habis" in browser.chat(KASUBAG)
    assert "Waktu habis" in browser.chat(SEKRETARIAT)


def test_the_clock_stops_at_the_next_reminder(browser: Browser, stage: Stage) -> None:
    browser.sop = "biro-pk"
    browser.says(SEKRETARIAT, "/mulai biro-pk Renja Lanjut")
    before, heard = stage.clock.now(), browser.chat(KASUBAG)
    browser.sends("/clock", SEKRETARIAT, jump="reminder")
    assert stage.clock.now() > before
    assert browser.chat(KASUBAG) != heard


@pytest.mark.parametrize(("jump", "seconds"), [("minutes", 600), ("hour", 3600)])
def test_the_clock_goes_by_as_much_as_its_button_says(browser: Browser, stage: Stage, jump: str, seconds: int) -> None:
    before = stage.clock.now()
    browser.sends("/clock", SEKRETARIAT, jump=jump)
    assert (stage.clock.now() - before).total_seconds() == seconds


def test_a_working_day_later_is_the_same_hour_of_a_later_day(browser: Browser, stage: Stage) -> None:
    before = stage.clock.now()
    browser.sends("/clock", SEKRETARIAT, jump="workday")
    assert stage.clock.now().date() > before.date()


def test_offices_have_different_people_and_sops_of_one_office_the_same(browser: Browser) -> None:
    plan, report = browser.opens(), browser.opens(sop="dinas-lkj")
    other = browser.opens(sop="badan-pk")
    officials = re.compile(r'<option value="\w+"[^>]*>([^<]* – [^<]*)</option>')
    assert set(officials.findall(plan)) == set(officials.findall(report))
    assert set(officials.findall(plan)).isdisjoint(officials.findall(other))
    assert "Dinas Arsip" not in re.findall(r'class="office">([^<]*)', other)[0]
    browser.sop = "badan-pk"
    browser.says(SEKRETARIAT, "/mulai badan-pk Milik Badan")
    assert "Milik Badan" in browser.chat(KASUBAG)
    browser.sop = "dinas-pk"
    assert "Milik Badan" not in browser.chat(KASUBAG)


# --- hostile and clumsy ---------------------------------------------------------------------


def test_hostile_text_is_shown_as_typed(browser: Browser) -> None:
    typed = "<script>alert(1)</script> & {{ 7*7 }} </p> \"'"
    browser.says(KEPALA, typed)
    assert "<script>alert(1)" not in browser.shown
    assert typed in browser.chat(KEPALA)


def test_only_the_page_itself_may_run_a_script(browser: Browser) -> None:
    response = browser.http.get("/")
    policy = response.headers["content-security-policy"]
    nonces = re.findall(r'<script nonce="([^"]+)"', response.text)
    assert len(nonces) == response.text.count("<script") == 1
    assert f"script-src 'nonce-{nonces[0]}'" in policy
    assert "default-src 'none'" in policy


@pytest.mark.parametrize("form", ["/say", "/press", "/clock"])
@pytest.mark.parametrize("origin", ["http://evil.example", "null", "https://127.0.0.1"])
def test_a_form_of_another_site_is_refused(browser: Browser, form: str, origin: str) -> None:
    before = browser.chat(KEPALA)
    fields = {"sop": "dinas-pk", "as": KEPALA, "text": "dari luar", "jump": "hour"}
    browser.takes(browser.http.post(form, data=fields, headers={"origin": origin}))
    assert browser.status == 403
    assert browser.problem == word("problem.foreign")
    assert browser.chat(KEPALA) == before


def test_a_form_of_the_page_itself_is_taken(browser: Browser) -> None:
    origin = str(browser.http.base_url).rstrip("/")
    fields = {"sop": "dinas-pk", "as": KEPALA, "text": "dari sini"}
    browser.takes(browser.http.post("/say", data=fields, headers={"origin": origin}))
    assert browser.status == 200
    assert "dari sini" in browser.shown


def test_another_hosts_name_is_refused(browser: Browser) -> None:
    assert browser.http.get("/", headers={"host": "evil.example"}).status_code == 400


@pytest.mark.parametrize(
    ("form", "fields", "status", "words"),
    [
        ("/say", {"as": "presiden", "text": "halo"}, 404, "“presiden” tidak ada"),
        ("/say", {"as": KEPALA, "text": " \n "}, 400, "masih kosong"),
        ("/say", {"as": KEPALA, "text": "x" * 4097}, 400, "4096"),
        ("/say", {"as": KEPALA, "text": "😀" * 2049}, 400, "4096"),
        ("/say", {}, 404, "Pilih pejabat"),
        ("/say", {"sop": "<b>", "as": KEPALA, "text": "halo"}, 404, "SOP “<b>” tidak ada"),
        ("/press", {"as": KEPALA, "message": "2", "button": "1:hack:1"}, 409, "sudah tidak ada"),
        ("/press", {"as": KEPALA, "message": "9" * 40, "button": "x"}, 409, "sudah tidak ada"),
        ("/press", {"as": "presiden", "message": "2", "button": "x"}, 404, "“presiden” tidak ada"),
        ("/clock", {"as": KEPALA, "jump": "year"}, 400, "“year” tidak dikenal"),
    ],
)
def test_what_cannot_be_is_answered_with_a_clear_message(
    browser: Browser, form: str, fields: dict[str, str], status: int, words: str
) -> None:
    browser.takes(browser.http.post(form, data={"sop": "dinas-pk"} | fields))
    assert browser.status == status
    assert words in browser.problem
    assert "Traceback" not in browser.shown
    assert 'id="chat-sekretariat"' in browser.shown


def test_a_refused_form_keeps_the_official_chosen(browser: Browser) -> None:
    page = browser.says(KEPALA, " ")
    assert '<option value="kepala_dinas" selected>' in page


@pytest.mark.parametrize("kind", ["application/json", "multipart/form-data; boundary=x"])
def test_junk_instead_of_a_form_is_answered_with_a_clear_message(browser: Browser, kind: str) -> None:
    browser.takes(browser.http.post("/say", content=b"{junk\xff\x00", headers={"content-type": kind}))
    assert browser.status == 400
    assert browser.problem == word("problem.unreadable")


def test_raw_bytes_in_a_form_do_no_harm(browser: Browser) -> None:
    body = b"sop=dinas-pk&as=kepala_dinas&text=%00%ff%ed%a0%80tetap%20terbaca"
    kind = {"content-type": "application/x-www-form-urlencoded"}
    browser.takes(browser.http.post("/say", content=body, headers=kind))
    assert browser.status == 200
    assert "tetap terbaca" in browser.shown


def test_nothing_ahead_is_said_where_no_case_runs(browser: Browser) -> None:
    browser.sop = "unit-pk"
    assert re.search(r'value="due" disabled', browser.opens())
    browser.sends("/clock", SEKRETARIAT, jump="due")
    assert browser.status == 409
    assert browser.problem == word("problem.nowhere")


def test_the_first_command_stands_ready_until_somebody_has_written(browser: Browser) -> None:
    browser.sop = "unit-pk"
    assert 'name="text" value="/mulai unit-pk Penyusunan Perjanjian Kinerja 2026"' in browser.opens()
    assert 'name="text" value=""' in browser.says(SEKRETARIAT, "/bantuan")


def test_reloading_where_a_form_was_refused_leads_back_to_the_page(browser: Browser) -> None:
    assert "Jam kantor" in browser.takes(browser.http.get("/say"))


# --- starting and stopping ------------------------------------------------------------------


def test_a_page_that_is_not_open_yet_asks_for_patience(settings: Settings) -> None:
    with Stage(settings, SteppedClock(OPENING), routes=Page().routes()) as stage:
        answer = httpx.get(stage.office.base_url, trust_env=False)
    assert answer.status_code == 503
    assert word("problem.starting") in answer.text


def test_a_taken_port_is_named_in_one_line(stage: Stage, settings: Settings) -> None:
    port = int(stage.office.base_url.rpartition(":")[2])
    with pytest.raises(DemoRefusedError, match=rf"^Port {port} tidak dapat dipakai: sedang dipakai program lain\..*$"):
        serve(settings, port=port, sop_id=None)


def test_a_port_that_is_none_is_named(settings: Settings) -> None:
    with pytest.raises(DemoRefusedError, match="nomornya harus"):
        serve(settings, port=70000, sop_id=None)


def test_an_unknown_sop_stops_the_demo_with_the_known_ones(settings: Settings) -> None:
    with pytest.raises(
        UnknownSopError, match=r"'x' tidak ada\. Yang ada: badan-pk, biro-pk, dinas-lkj, dinas-pk, giliran-pk, unit-pk"
    ):
        serve(settings, port=0, sop_id="x")


def test_the_command_serves_until_it_is_told_to_stop_and_leaves_nothing_behind(
    settings: Settings, tmp_path: Path
) -> None:
    environment = os.environ | {"SOP_DIR": str(settings.sop_dir), "TMPDIR": str(tmp_path), "BOT_TOKEN": ""}
    command = [sys.executable, "-m", "bot", "demo", "--port", "0", "--sop", "dinas-lkj"]
    with subprocess.Popen(  # noqa: S603 - our own program
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as demo:
        assert demo.stdout
        lines = [demo.stdout.readline(), demo.stdout.readline()]
        address = re.search(r"http://127\.0\.0\.1:\d+", lines[1])
        assert address, lines
        page = httpx.get(address[0], trust_env=False)
        demo.send_signal(signal.SIGTERM)
        _, errors = demo.communicate(timeout=30)
    assert "Penyusunan Laporan Kinerja" in page.text
    assert demo.returncode == 0
    assert "Traceback" not in errors
    assert list(tmp_path.glob("sop-demo-*")) == []
