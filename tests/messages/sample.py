"""Two small offices and their SOPs, for messages to be read by."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from zoneinfo import ZoneInfo

from bot.domain.budget import Budget, Unit
from bot.domain.sop import Completion, Dates, Field, Office, Post, Reading, Sop, Step, Zone
from bot.domain.worktime import DayException, DayKind

WIB = ZoneInfo("Asia/Jakarta")
KESBANGPOL = Office("kesbangpol", "Badan Kesbangpol Provinsi Jawa Tengah", Zone.WIB, Reading((Field.OFFICE_NAME,)))
DISBUDPAR = Office("disbudpar", "Dinas Kebudayaan dan Pariwisata Kota Tangerang", Zone.WIB)
SUPERIOR = Reading((Field.SUPERIOR,))
POSTS = (
    Post("kepala", "Kepala Badan"),
    Post("sekretaris", "Sekretaris", "kepala", SUPERIOR),
    Post("kasubag", "Kasubag Program", "sekretaris", SUPERIOR),
    Post("staf", "Staf", "kasubag", SUPERIOR),
)
INFERRED = Reading((Field.POSTS,))
STEPS = (
    Step(1, "Memerintahkan penyusunan Perjanjian Kinerja", ("kepala",), Budget(10, Unit.MINUTE), reading=INFERRED),
    Step(
        2,
        "Membuat format pengumpulan data dan informasi Perjanjian Kinerja dari masing-masing bidang dan sekretariat",
        ("kasubag",),
        Budget(2, Unit.HOUR),
        requirements=("Format Perjanjian Kinerja",),
        outputs=("Format Perjanjian Kinerja",),
        reading=INFERRED,
    ),
    Step(
        3,
        "Melaksanakan rapat pembahasan Perjanjian Kinerja",
        ("kepala", "sekretaris", "kasubag"),
        Budget(2, Unit.HOUR),
        completion=Completion.ANY,
        requirements=("Draft Perjanjian Kinerja", "Undangan rapat"),
        outputs=("Draft Perjanjian Kinerja",),
        related="SOP Pelaksanaan Rapat",
        reading=Reading((Field.POSTS, Field.COMPLETION)),
    ),
    Step(
        4,
        "Menganalisis data dan informasi Perjanjian Kinerja yang telah terkumpul",
        ("kasubag", "staf"),
        Budget(4, Unit.DAY),
        requirements=("Draft Perjanjian Kinerja",),
        outputs=("Draft Perjanjian Kinerja",),
    ),
    Step(
        5,
        "Mengoreksi konsep Dokumen Perjanjian Kinerja",
        ("sekretaris",),
        Budget(1, Unit.DAY),
        requirements=("Dokumen Perjanjian Kinerja",),
        outputs=("Dokumen Perjanjian Kinerja",),
        decision=True,
        reject_to=4,
        reading=Reading((Field.DECISION, Field.REJECT_TO)),
    ),
    Step(7, "Mengantar surat, menggandakan dan mengarsipkan", ("staf",), Budget(1, Unit.HOUR)),
)
PK = Sop(
    id="kesbangpol-pk",
    name="Penyusunan Perjanjian Kinerja",
    abbreviation="PK",
    office=KESBANGPOL,
    posts=POSTS,
    steps=STEPS,
    number="065/SOP/2023",
    dates=Dates(effective=date(2023, 10, 1)),
    approved_by="Kepala Badan",
)
IKU = replace(PK, id="kesbangpol-iku", name="Penyusunan Indikator Kinerja Utama", abbreviation="IKU")
CERTAIN = Sop(
    id="disbudpar-pk",
    name="Penyusunan Perjanjian Kinerja",
    abbreviation="PK",
    office=DISBUDPAR,
    posts=(Post("kepala", "Kepala Dinas"), Post("staf", "Staf", "kepala")),
    steps=(
        Step(1, "Memerintahkan penyusunan Perjanjian Kinerja", ("kepala",), Budget(10, Unit.MINUTE)),
        Step(2, "Mengantar surat", ("staf",), Budget(1, Unit.HOUR)),
    ),
)
HOLIDAY = DayException(DayKind.LOCAL_HOLIDAY, "Hari Jadi Daerah")
