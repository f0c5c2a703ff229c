"""``make screenshots``: the pictures of README.md in docs/gambar/, from the program itself.

A demo whose clock stands still is played as far as a picture needs it; what the bot sends is taken out of its chats,
what the page shows is photographed. The same code makes the same pictures; fonts of the page are the machine's.
"""

from __future__ import annotations

import io
import sys
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urljoin

import pdfplumber
from PIL import Image
from sqlalchemy import select

from bot.demo.board import open_board
from bot.demo.play import Play
from bot.domain.budget import Budget, Unit
from bot.domain.posts import SECRETARIAT
from bot.store import queries
from bot.store.tables import CaseRow
from tests.browser.chromium import NoChromiumError, open_browser
from tests.browser.running import running
from tests.browser.screen import MOBILE, Screens

if TYPE_CHECKING:
    from playwright.sync_api import Browser

    from bot.demo.stage import Stage
    from bot.services.work import Work

ROOT = Path(__file__).resolve().parents[2]
PICTURES = ROOT / "docs" / "gambar"
SOP = "diskominfo-pali-pk"
MOST_BYTES = 400_000
WIDEST = 1400
WINDOW = (1400, 860)
_OF_THE_PAGE = frozenset({"demo", "demo-ponsel"})
_RESOLUTION = 110  # dots per inch of a PDF's page


@dataclass
class Office:
    """The demo's office, played by its own people through the bot."""

    stage: Stage

    def __post_init__(self) -> None:
        """Cast the office."""
        self.sop = self.stage.runner.library.sops[SOP]
        self.cast = self.stage.cast(self.sop)

    def plays_to_the_end(self) -> None:
        """Play the office's first case as ``demo --auto`` does: rejected once, late once."""
        if not Play(self.stage, self.sop, 0, _unheard).perform():
            raise AssertionError("the case went differently from what the SOP says")

    def starts(self, title: str) -> str:
        """Start a case and return its code."""
        self.says(SECRETARIAT, f"/mulai {self.sop.id} {title}")
        return str(self.stage.ask(_newest_code))

    def hands_on(self, code: str, tasks: int, *, after: Budget) -> None:
        """Let everybody complete the next tasks of a case, each ``after`` a while."""
        for _ in range(tasks):
            self.works(after)
            for post in self.stage.ask(partial(_waiting, code)):
                self.says(post, f"/selesai {code}")

    def works(self, time: Budget) -> None:
        """Let working time pass."""
        calendar = self.stage.ask(lambda work: work.calendar_for(self.sop.office))
        self.stage.move_to(calendar.due(self.stage.clock.now(), time))

    def says(self, post: str, text: str) -> None:
        """Let an official write, and the bot answer."""
        self.cast[post].phone.says(text)
        self.stage.settle()

    def gets(self, post: str, text: str, *, press: str = "") -> list[bytes]:
        """Return the files that the bot sends when an official writes a text, or presses a button of its answer."""
        version = self.stage.office.marker().version
        self.says(post, text)
        if press:
            self.cast[post].phone.presses(press)
            self.stage.settle()
        sent = (message for message in self.cast[post].phone.chat() if message.from_bot and message.version > version)
        return [self.stage.office.telegram.files[message.file_id].content for message in sent if message.file_id]


def _unheard(_: str) -> None:
    """Nobody reads along."""


def _newest_code(work: Work) -> str:
    return work.session.scalars(select(CaseRow.code).order_by(CaseRow.id.desc())).first() or ""


def _waiting(code: str, work: Work) -> list[str]:
    """Return whose completion a case waits for."""
    case = work.session.scalars(select(CaseRow).where(CaseRow.code == code)).one()
    task = queries.tasks_of_case(work.session, case.id)[-1]
    return [row.post_id for row in queries.task_posts(work.session, task.id) if row.reported_at is None]


# --- keeping ----------------------------------------------------------------------------------


@dataclass
class Album:
    """The folder of pictures; ``only`` names those wanted, all where it is empty."""

    folder: Path
    only: frozenset[str]

    def wants(self, *names: str) -> bool:
        """Whether any of these is to be made."""
        return not self.only or not self.only.isdisjoint(names)

    def keeps(self, name: str, drawn: bytes | Image.Image) -> None:
        """Save a picture, no wider than a reader's window and small enough to be looked at over a slow line."""
        if not self.wants(name):
            return
        image = Image.open(io.BytesIO(drawn)) if isinstance(drawn, bytes) else drawn
        if image.width > WIDEST:
            image = image.resize((WIDEST, round(image.height * WIDEST / image.width)), Image.Resampling.LANCZOS)
        file = self.folder / f"{name}.png"
        image.convert("RGB").save(file, optimize=True)
        size = file.stat().st_size
        sys.stdout.write(f"{file.relative_to(ROOT)}  {image.width}×{image.height}  {size // 1000} kB\n")
        if size > MOST_BYTES:
            raise AssertionError(f"{file.name} has {size} bytes, more than {MOST_BYTES}")


def first_page(pdf: bytes) -> Image.Image:
    """Return the first page of a PDF as a picture."""
    with pdfplumber.open(io.BytesIO(pdf)) as document:
        return document.pages[0].to_image(resolution=_RESOLUTION, antialias=True).original


# --- what is on the pictures ------------------------------------------------------------------

SEKRETARIS = "sekretaris"


def a_month(office: Office) -> dict[str, str]:
    """Play what the papers and the board tell of, and return the running cases' codes by what they show."""
    office.plays_to_the_end()
    office.works(Budget(1, Unit.DAY))
    rejected = office.starts("Perjanjian Kinerja Perubahan Tahun 2026")
    office.hands_on(rejected, 7, after=Budget(20, Unit.MINUTE))
    office.hands_on(rejected, 1, after=Budget(2, Unit.DAY))
    late = office.starts("Perjanjian Kinerja Eselon III Tahun 2027")
    office.hands_on(late, 3, after=Budget(8, Unit.MINUTE))
    office.hands_on(rejected, 1, after=Budget(1, Unit.DAY))
    office.hands_on(rejected, 1, after=Budget(6, Unit.HOUR))
    office.says(SEKRETARIS, f"/tolak {rejected} Target sasaran 2 belum sesuai Renstra")
    office.works(Budget(10, Unit.HOUR))
    new = office.starts("Perjanjian Kinerja Tenaga Kontrak Tahun 2027")
    office.hands_on(new, 1, after=Budget(5, Unit.MINUTE))
    return {"rejected": rejected, "late": late, "new": new}


def papers(album: Album, office: Office, codes: dict[str, str]) -> None:
    """Take pictures and documents out of the sekretariat's chat."""
    ask = partial(office.gets, SECRETARIAT)
    if album.wants("sop-tegak", "sop-lebar"):
        album.keeps("sop-tegak", ask(f"/sop {SOP}")[0])
        album.keeps("sop-lebar", ask(f"/sop {SOP}", press="Gambar lebar")[-1])
    if album.wants("berkas", "berkas-lebar"):
        album.keeps("berkas", ask(f"/status {codes['rejected']}", press="Gambar")[-2])
        album.keeps("berkas-lebar", ask(f"/status {codes['rejected']}", press="Gambar lebar")[-1])
    if album.wants("laporan"):
        album.keeps("laporan", first_page(ask("/laporan PK-2026-001")[0]))
    if album.wants("statistik", "statistik-beban"):
        for name, drawn in zip(("statistik", "statistik-beban"), ask("/statistik"), strict=False):
            album.keeps(name, drawn)
    if album.wants("laporan-bulan"):
        album.keeps(
            "laporan-bulan", first_page(next(file for file in ask("/laporan bulan") if file.startswith(b"%PDF")))
        )
    if album.wants("lembar-kendali"):
        album.keeps("lembar-kendali", first_page(ask(f"/kendali {codes['rejected']}")[0]))


def page(album: Album, browser: Browser, base_url: str) -> None:
    """Photograph the demo's page on a laptop and on a mobile phone."""
    screens = Screens(browser, base_url, SOP)
    try:
        album.keeps("demo", screens.opens(WINDOW).page.screenshot())
        mobile = screens.opens(MOBILE, device_scale_factor=2)
        mobile.turns_to("Kasubag Administrasi Umum dan Keuangan")
        album.keeps("demo-ponsel", mobile.page.screenshot())
        screens.nothing_went_wrong()
    finally:
        screens.close()


def board(album: Album, browser: Browser, office: Office) -> None:
    """Photograph the board, as the sekretariat opens it from their chat."""
    base_url = office.stage.office.base_url
    telegram, person = office.stage.office.telegram, office.cast[SECRETARIAT].phone.id
    screens = Screens(browser, base_url, SOP)
    try:
        for name, size in (("papan", WINDOW), ("papan-ponsel", MOBILE)):
            page = screens.window(size, device_scale_factor=2 if size is MOBILE else 1).page
            page.goto(urljoin(base_url, open_board(telegram, person, "") or ""))
            page.get_by_role("list", name="Berkas berjalan").get_by_role("listitem").first.wait_for()
            album.keeps(name, page.screenshot())
        screens.nothing_went_wrong()
    finally:
        screens.close()


def main(names: list[str]) -> None:
    """Make the pictures named, or all of them."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    album = Album(PICTURES, frozenset(names))
    with open_browser() as browser:
        if not album.only or not album.only <= _OF_THE_PAGE:
            with running(ROOT / "sop_data", SOP) as stage:
                office = Office(stage)
                papers(album, office, a_month(office))
                board(album, browser, office)
        if album.wants(*_OF_THE_PAGE):
            with running(ROOT / "sop_data", SOP) as stage:
                office = Office(stage)
                office.hands_on(office.starts("Perjanjian Kinerja Tahun 2027"), 2, after=Budget(6, Unit.MINUTE))
                page(album, browser, stage.office.base_url)


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except NoChromiumError as error:
        sys.exit(str(error))
