"""Charts: what was typed stands on them as it was typed, nothing leaves the page, few cases are said to be few."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pdfplumber
import pytest
from icalendar import Calendar as CalendarFile
from sqlalchemy import update

from bot.domain import notices as n
from bot.domain.sop import Post, Step, Zone
from bot.domain.worktime import Calendar
from bot.drawing.draw import draw
from bot.drawing.paper import Form, Paper
from bot.messages.papers.charts import DOTS
from bot.messages.render import Recipient, render
from bot.services.complete_task import complete_task
from bot.services.holds import hold_task
from bot.services.publish import publish
from bot.services.reject_task import reject_task
from bot.services.seal_case import seal_case
from bot.store.tables import OfficeRow, PersonRow, PostRow
from tests.services.conftest import BADAN_PK, HALF_HOUR, PK, SK, TWO_HOURS, Town, library, wib

if TYPE_CHECKING:
    from bot.domain.notices import Notice
    from bot.messages.message import Message
    from bot.services.work import Work
    from bot.store.database import Store

pytestmark = pytest.mark.parametrize("url", ["sqlite"], indirect=True)  # what a chart shows is not the database's doing
MARKUP = '=1+1 #panic() $x$ *tebal* _miring_ `kode` @rujuk <label> {{ 7*7 }} {% raw %} <b>&amp;</b> \\n // /* "kutip"'
HOSTILE = f"{MARKUP} 🙂 ملاحظة"
UNBROKEN = "Ж" * 4000
WEEKS = Calendar(Zone.WIB)
MOST = Step(40, UNBROKEN, ("kepala",), HALF_HOUR)
HUGE = replace(
    SK,
    id="dinas-raya",
    abbreviation="RAYA",
    posts=(Post("kepala", HOSTILE), *(Post(f"jabatan{number}", f"Jabatan {number}", "kepala") for number in range(8))),
    steps=(*(Step(number, f"Kegiatan {number}", ("kepala",), TWO_HOURS) for number in range(1, 40)), MOST),
)


@pytest.fixture
def town(store: Store) -> Town:
    """Return an office at its desks; Monday 08.00 WIB."""
    town = Town(store, library(PK, SK, BADAN_PK, HUGE))
    town.run(publish)
    return town.staff()


def squeezed(text: str) -> str:
    return "".join(text.replace("\u200b", "").replace("\u200d", "").split())


def read(paper: Paper, margin: float = 8) -> list[str]:
    """Return the text of each page, after checking that nothing of it is cut off at an edge."""
    with pdfplumber.open(io.BytesIO(draw(replace(paper, form=Form.PDF))[0])) as pdf:
        for page in pdf.pages:
            shown = [char for char in page.chars if squeezed(char["text"])]
            assert all(char["x0"] >= margin and char["x1"] <= page.width - margin for char in shown)
            assert all(char["top"] >= margin / 2 and char["bottom"] <= page.height - margin / 2 for char in shown)
        return [squeezed("".join(char["text"] for char in page.chars)) for page in pdf.pages]


def said(town: Town, notice: Notice, who: str = "Sari") -> Message:
    message = town.run(lambda work: render(work, notice, Recipient(town.ids[who], town.person_id(who))))
    assert message is not None
    return message


def drawn(town: Town, notice: Notice, who: str = "Sari") -> Paper:
    paper = said(town, notice, who).paper
    assert paper is not None
    return paper


def _finished(town: Town, count: int, title: str = "Surat") -> int:
    """Finish some cases, each of its steps in half of its time but every fifth; return the last one."""
    for number in range(count):
        case = town.starts("Sari", "dinas-sk", title)
        for who, minutes in (("Bagus", 60 if number % 5 == 4 else 15), ("Kemal", 60)):
            town.at += timedelta(minutes=minutes)
            town.do(who, complete_task, town.task(case).id)
        town.at = WEEKS.next_day_opening(town.at)
    return case


def test_few_cases_are_dots_and_said_to_be_few_and_many_are_a_box(town: Town) -> None:
    _finished(town, 3)
    months, loads, steps = read(drawn(town, n.OfficeCharts("dinas")))
    assert "November20263dari3berkas(100%)" in months
    assert months.count("tidakadaberkasselesai") == 5
    assert "KepalaSubbagian03" in loads
    assert "n=3,median50%" in steps
    paper = drawn(town, n.OfficeCharts("dinas"))
    assert [len(step["dots"]) for step in json.loads(paper.data)["sops"][0]["steps"]] == [3, 3]
    _finished(town, DOTS - 2)
    step = json.loads(drawn(town, n.OfficeCharts("dinas")).data)["sops"][0]["steps"][0]
    assert (step["dots"], step["box"], step["count"]) == ([], [0.5, 0.5, 0.5, 0.5, 2.0], DOTS + 1)


def test_an_office_without_data_gets_a_sentence_and_no_empty_chart(town: Town) -> None:
    message = said(town, n.OfficeCharts("dinas"))
    assert message.paper is None
    assert "belum mempunyai tugas" in message.html
    assert said(town, n.Deadlines()).paper is None
    assert said(town, n.MonthTable("dinas", "2026-10-01")).paper is None


def test_forty_steps_a_title_of_4000_signs_and_hostile_names_stay_on_the_page_as_typed(town: Town) -> None:
    case = town.starts("Sari", "dinas-raya", UNBROKEN)
    for number in range(39):
        town.at += timedelta(minutes=150 if number == 20 else 20)
        town.do("Kemal", complete_task, town.task(case).id)
    town.do("Kemal", reject_task, town.task(case).id, "kurang")
    pages = read(drawn(town, n.CaseChart(case)))
    assert len(pages) == 4
    assert pages[0].count("Ж") == 4000
    assert squeezed(MARKUP) in pages[1]
    assert "Kegiatan39" in "".join(pages)
    assert "DitolakKemal" in pages[-1]
    charts = read(drawn(town, n.OfficeCharts("dinas")))
    assert squeezed(MARKUP) in charts[1]
    assert "".join(charts).count("Ж") == 4000
    assert len(draw(drawn(town, n.OfficeCharts("dinas")))) == len(charts) <= 10, "an album"


def test_the_printed_month_holds_what_was_typed_and_of_a_secret_case_the_code_alone(town: Town) -> None:
    case = _finished(town, 1, HOSTILE)
    secret = town.starts("Sari", "dinas-pk", "Naskah Melati")
    town.do("Sari", seal_case, secret)

    def rename(work: Work) -> None:
        work.session.execute(update(OfficeRow).where(OfficeRow.id == "dinas").values(name=HOSTILE))
        work.session.execute(update(PersonRow).values(name=HOSTILE))
        work.session.execute(update(PostRow).where(PostRow.office_id == "dinas").values(name=UNBROKEN[:300]))

    town.run(rename)
    for notice in (n.MonthReport("dinas", "2026-11-01"), n.MonthTable("dinas", "2026-11-01")):
        assert "Naskah Melati" not in drawn(town, notice).data
        assert town.case(secret).code in drawn(town, notice).data
    pages = read(drawn(town, n.MonthReport("dinas", "2026-11-01")))
    assert "".join(pages).count(squeezed(MARKUP)) >= 3
    assert "halaman1dari" in pages[0]
    assert "Naskah" not in "".join([*read(drawn(town, n.CaseChart(secret))), said(town, n.CaseChart(secret)).html])
    assert squeezed(MARKUP) in read(drawn(town, n.CaseChart(case)))[0]


def test_a_running_case_has_a_line_for_now_and_a_finished_one_has_none_and_time_not_worked_takes_no_room(
    town: Town,
) -> None:
    case = town.starts("Sari", "dinas-sk")
    town.at = wib(9, 8, 30)
    town.do("Bagus", complete_task, town.task(case).id)
    town.do("Kemal", hold_task, town.task(case).id, "menunggu BKN", outside=True)
    town.at = wib(10, 8)  # a night and a lunch later
    data: dict[str, Any] = json.loads(drawn(town, n.CaseChart(case)).data)
    first, second = data["spells"]
    whole = 7.5  # working hours from Monday 08.00 to Tuesday 08.00: the lunch and the night are left out
    assert (first["start"], first["end"]) == (0, pytest.approx(0.5 / whole, abs=1e-3))
    assert data["now"] == 1
    assert second["holds"] == [[pytest.approx(0.5 / whole, abs=1e-3), 1.0]]
    assert (second["note"], second["share"]) == ("Sedang dijeda", "0 %")
    assert [tick["name"] for tick in data["ticks"]] == ["Sen 9 Nov", "Sel 10 Nov"]
    assert json.loads(drawn(town, n.CaseChart(_finished(town, 1))).data)["now"] is None


def test_the_same_data_give_the_same_pictures_and_files(town: Town) -> None:
    _finished(town, 1)
    for notice in (n.OfficeCharts("dinas"), n.MonthTable("dinas", "2026-11-01")):
        assert drawn(town, notice) == drawn(town, notice)
    assert all(page.startswith(b"\x89PNG") for page in draw(drawn(town, n.OfficeCharts("dinas"))))


# --- deadlines ---------------------------------------------------------------------------------


def test_deadlines_are_events_that_any_calendar_reads_and_that_replace_each_other(town: Town) -> None:
    title = "Nota; isi, C:\\\\data\\nota\r\nEND:VEVENT\nBEGIN:VEVENT 🙂"
    case, secret = town.starts("Sari", "dinas-sk", title), town.starts("Sari", "dinas-sk", "Naskah Melati")
    town.do("Sari", seal_case, secret)

    def events() -> list[Any]:
        file = CalendarFile.from_ical(draw(drawn(town, n.Deadlines(), "Bagus"))[0])
        assert not file.errors
        return list(file.events)

    first, second = events()
    assert first["uid"] == f"dinas.{town.case(case).code}.1@sop-bot"
    assert (first.decoded("dtend"), first.decoded("dtstart")) == (wib(9, 8, 30), wib(9, 8))
    assert first.decoded("dtend").tzname() == "UTC"
    assert first["summary"] == f"{town.case(case).code} Langkah 1 – Menulis"
    shown = title.replace("\r\n", "\n")
    assert first["description"] == f"{shown}\nJatuh tempo Senin, 9 Nov 08.30 WIB"
    assert second["summary"] == f"{town.case(secret).code} Langkah 1"
    assert "Melati" not in draw(drawn(town, n.Deadlines(), "Bagus"))[0].decode()
    town.do("Bagus", hold_task, town.task(case).id, "menunggu BKN", outside=True)
    held = next(event for event in events() if event["uid"] == first["uid"])
    assert held["status"] == "TENTATIVE"
    assert held["sequence"] > first["sequence"]
