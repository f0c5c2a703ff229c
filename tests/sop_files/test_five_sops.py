"""The five documents as definitions: the agreed reading, restated independently of the files."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from bot.domain.sop import Completion, Field, Zone
from bot.sop_files.budget_text import format_budget
from bot.sop_files.loader import load_folder

if TYPE_CHECKING:
    from bot.domain.sop import Sop, Step

SOP_DATA = Path(__file__).parents[2] / "sop_data"
LOADED = load_folder(SOP_DATA)
SOPS = {sop.id: sop for sop in LOADED.sops}
KASUBAG = "kasubag_umum_keuangan"

# number | posts | budget | output | way back of a decision
ROWS = {
    "diskominfo-pali-pk": """
        1  | kepala_dinas                            | 10 Menit | Disposisi Surat                |
        2  | sekretaris                              | 15 Menit | Disposisi Surat                |
        3  | kasubag_umum_keuangan                   | 1 Jam    | Format Perjanjian Kinerja      |
        4  | kasubag_umum_keuangan kabid_ip kabid_kp | 1 Jam    | Draft usulan Perjanjian Kinerja |
        5  | kasubag_umum_keuangan kabid_ip kabid_kp | 30 Menit | Undangan Rapat                 |
        6  | sekretaris                              | 2 Jam    | Draft Perjanjian Kinerja       |
        7  | sekretaris                              | 3 Jam    | Draft Perjanjian Kinerja       |
        8  | staf_sekretariat                        | 4 Hari   | Draft Perjanjian Kinerja       |
        9  | kasubag_umum_keuangan                   | 2 Hari   | Dokumen Perjanjian Kinerja     |
        10 | kasubag_umum_keuangan                   | 1 Hari   | Dokumen Perjanjian Kinerja     |
        11 | sekretaris                              | 1 Jam    | Dokumen Perjanjian Kinerja     | 10
        12 | kasubag_umum_keuangan                   | 10 Menit | Surat Pengantar                |
        13 | kepala_dinas                            | 15 Menit | Dokumen Perjanjian Kinerja     | 10
        14 | staf_sekretariat                        | 1 Jam    | Dokumen Perjanjian Kinerja     |
    """,
    "bkpsdm-pk": """
        1  | kasubag_pkp        | 5 Menit  | Penugasan lisan                                             |
        2  | anggota            | 1 Hari   | Form Perjanjian Kinerja                                     |
        3  | bidang_sekretariat | 10 Menit | Form Perjanjian Kinerja yang sudah ditandatangani           | 2
        4  | anggota            | 3 Jam    | Form Perjanjian Kinerja yang sudah ditandatangani           |
        5  | anggota            | 1 Hari   | Draft laporan/dokumen Perjanjian Kinerja                    |
        6  | kasubag_pkp        | 1 Jam    | Draft laporan/dokumen Perjanjian Kinerja yang sudah diparaf |
        7  | sekretaris_badan   | 15 Menit | Draft laporan/dokumen Perjanjian Kinerja yang sudah diparaf | 6
        8  | kepala_badan       | 15 Menit | Laporan/dokumen Perjanjian Kinerja                          | 7
        10 | anggota            | 2 Jam    | Laporan/dokumen Perjanjian Kinerja                          |
        11 | anggota            | 15 Menit | Laporan/dokumen Perjanjian Kinerja                          |
    """,
    "kesbangpol-jateng-pk": """
        1  | kepala_badan                            | 10 Menit | Disposisi surat                 |
        2  | kasubag_program                         | 2 Jam    | Format Perjanjian Kinerja       |
        3  | staf                                    | 1 Jam    | Draft usulan Perjanjian Kinerja |
        4  | kasubag_program                         | 30 Menit | Undangan rapat                  |
        5  | kepala_badan sekretaris kasubag_program | 2 Jam    | Draft Perjanjian Kinerja        |
        6  | staf                                    | 3 Jam    | Draft Perjanjian Kinerja        |
        7  | kasubag_program                         | 4 Hari   | Draft Perjanjian Kinerja        |
        8  | kasubag_program                         | 2 Hari   | Dokumen Perjanjian Kinerja      |
        9  | sekretaris                              | 1 Hari   | Dokumen Perjanjian Kinerja      | 8
        10 | sekretaris                              | 1 Jam    | Dokumen Perjanjian Kinerja      |
        11 | kepala_badan                            | 10 Menit | Surat pengantar                 | 8
        12 | kasubag_program                         | 15 Menit | Dokumen Perjanjian Kinerja      |
        13 | staf                                    | 1 Jam    | Dokumen Perjanjian Kinerja      |
    """,
    "diskominfo-pali-iku": """
        1  | kepala_dinas          | 10 Menit | Disposisi Surat                      |
        2  | sekretaris            | 15 Menit | Disposisi Surat                      |
        3  | kasubag_umum_keuangan | 2 Jam    | Format Indikator Kinerja Utama       |
        4  | kasubag_umum_keuangan | 1 Jam    | Draft usulan Indikator Kinerja Utama |
        5  | sekretaris            | 30 Menit | Undangan Rapat                       |
        6  | sekretaris            | 2 Jam    | Draft Indikator Kinerja Utama        |
        7  | staf_sekretariat      | 3 Jam    | Draft Indikator Kinerja Utama        |
        8  | kasubag_umum_keuangan | 4 Hari   | Draft Indikator Kinerja Utama        |
        9  | kasubag_umum_keuangan | 2 Hari   | Dokumen Indikator Kinerja Utama      |
        10 | sekretaris            | 1 Hari   | Dokumen Indikator Kinerja Utama      | 9
        11 | kasubag_umum_keuangan | 1 Jam    | Dokumen Indikator Kinerja Utama      |
        12 | kepala_dinas          | 10 Menit | Surat Pengantar                      | 9
        13 | kasubag_umum_keuangan | 15 Menit | Dokumen Indikator Kinerja Utama      |
        14 | staf_sekretariat      | 1 Jam    | Dokumen Indikator Kinerja Utama      |
    """,
    "disbudpar-tangerang-pk": """
        1  | sekretaris                                  | 10 Menit | Disposisi surat                 |
        2  | kasubag_perencanaan                         | 2 Jam    | Format Perjanjian Kinerja       |
        3  | staf                                        | 1 Jam    | Draft usulan Perjanjian Kinerja |
        4  | kasubag_perencanaan                         | 30 Menit | Undangan rapat                  |
        5  | kepala_dinas sekretaris kasubag_perencanaan | 2 Jam    | Draft Perjanjian Kinerja        |
        6  | staf                                        | 3 Jam    | Draft Perjanjian Kinerja        |
        7  | kasubag_perencanaan                         | 4 Hari   | Draft Perjanjian Kinerja        |
        8  | kasubag_perencanaan                         | 2 Hari   | Dokumen Perjanjian Kinerja      |
        9  | sekretaris                                  | 1 Hari   | Dokumen Perjanjian Kinerja      | 8
        10 | sekretaris                                  | 1 Jam    | Dokumen Perjanjian Kinerja      |
        11 | kepala_dinas                                | 10 Menit | Surat pengantar                 | 8
        12 | kasubag_perencanaan                         | 15 Menit | Dokumen Perjanjian Kinerja      |
        13 | staf                                        | 1 Jam    | Dokumen Perjanjian Kinerja      |
    """,
}
# legal basis, qualifications, related, equipment, warnings, records, remedies
COUNTS = {
    "diskominfo-pali-pk": (4, 1, 2, 4, 1, 1, 0),
    "bkpsdm-pk": (3, 4, 0, 6, 4, 3, 0),
    "kesbangpol-jateng-pk": (5, 2, 2, 4, 1, 1, 0),
    "diskominfo-pali-iku": (4, 0, 2, 4, 1, 1, 1),
    "disbudpar-tangerang-pk": (5, 2, 2, 4, 1, 1, 0),
}
# What each step needs, in step order.
_DRAFT, _DOCUMENT = "Draft Perjanjian Kinerja", "Dokumen Perjanjian Kinerja"
_FORMAT, _INITIALLED = "Format Perjanjian Kinerja", "Draft laporan/dokumen Perjanjian Kinerja yang sudah diparaf"
_SIGNED = "Form Perjanjian Kinerja yang sudah ditandatangani"
_COVER = "Konsep surat pengantar"
_COMMON = ["Disposisi surat", _FORMAT, _FORMAT, "Undangan rapat", *[_DRAFT] * 4, _DOCUMENT, _DOCUMENT, _COVER]
_IKU = "Indikator Kinerja Utama"
REQUIREMENTS = {
    "diskominfo-pali-pk": [
        *["Disposisi Surat", "Arahan Kepala Dinas", _FORMAT, _FORMAT, "Undangan Rapat"],
        *["Draft Dokumen Perjanjian Kinerja"] * 4,
        *[_DOCUMENT, f"Dokumen {_IKU}", _COVER, _DOCUMENT, _DOCUMENT],
    ],
    "bkpsdm-pk": [
        "Renstra; Indikator Kinerja Individu; Dokumen Anjab ABK",
        "Renstra; DPA/DPPA; Indikator Kinerja Individu; Dokumen Anjab ABK",
        *["Form Perjanjian Kinerja", _SIGNED, _SIGNED, "Draft laporan/dokumen Perjanjian Kinerja"],
        *[_INITIALLED, _INITIALLED],
        *["Laporan/dokumen Perjanjian Kinerja"] * 2,
    ],
    "kesbangpol-jateng-pk": [*_COMMON, _DOCUMENT, _DOCUMENT],
    "diskominfo-pali-iku": [
        *["Disposisi Surat", "Arahan Kepala Dinas", f"Format {_IKU}", f"Format {_IKU}", "Undangan Rapat"],
        *[f"Draft Dokumen {_IKU}"] * 4,
        *[f"Dokumen {_IKU}", f"Dokumen {_IKU}", _COVER, f"Dokumen {_IKU}", f"Dokumen {_IKU}"],
    ],
    "disbudpar-tangerang-pk": [*_COMMON, _DOCUMENT, _DOCUMENT],
}
# What the linked-SOP column names, by step.
RELATED = {
    "diskominfo-pali-pk": {6: "SOP Pelaksanaan Rapat", 7: "SOP Pengumpulan Data"},
    "bkpsdm-pk": {},
    "kesbangpol-jateng-pk": {5: "SOP Pelaksanaan Rapat", 6: "SOP Pengumpulan Data"},
    "diskominfo-pali-iku": {6: "SOP Pelaksanaan Rapat", 7: "SOP Pengumpulan Data"},
    "disbudpar-tangerang-pk": {5: "SOP Pelaksanaan Rapat", 6: "SOP Pengumpulan Data"},
}
# Steps whose posts the document does not say.
INFERRED_POSTS = {
    "diskominfo-pali-pk": {4, 5, 8, 14},
    "bkpsdm-pk": {1, 2, 3, 4, 5, 6, 7, 8, 10, 11},
    "kesbangpol-jateng-pk": set(range(1, 14)) - {11},
    "diskominfo-pali-iku": set(range(1, 15)),
    "disbudpar-tangerang-pk": {2, 3, 4, 5, 6, 7, 8, 10, 12},
}
SUPERIORS = {
    "diskominfo-pali-pk": {
        "kepala_dinas": None,
        "sekretaris": "kepala_dinas",
        KASUBAG: "sekretaris",
        "kabid_ip": "kepala_dinas",
        "kabid_kp": "kepala_dinas",
        "staf_sekretariat": KASUBAG,
    },
    "bkpsdm-pk": {
        "kepala_badan": None,
        "sekretaris_badan": "kepala_badan",
        "kasubag_pkp": "sekretaris_badan",
        "anggota": "kasubag_pkp",
        "bidang_sekretariat": "kepala_badan",
    },
    "kesbangpol-jateng-pk": {
        "kepala_badan": None,
        "sekretaris": "kepala_badan",
        "kasubag_program": "sekretaris",
        "staf": "kasubag_program",
    },
    "diskominfo-pali-iku": {
        "kepala_dinas": None,
        "sekretaris": "kepala_dinas",
        KASUBAG: "sekretaris",
        "kabid_tik": "kepala_dinas",
        "kabid_kip": "kepala_dinas",
        "staf_sekretariat": KASUBAG,
    },
    "disbudpar-tangerang-pk": {
        "kepala_dinas": None,
        "sekretaris": "kepala_dinas",
        "kasubag_perencanaan": "sekretaris",
        "staf": "kasubag_perencanaan",
    },
}
DECISIONS_IN_THE_TEXT = {("bkpsdm-pk", 3), ("bkpsdm-pk", 7), ("bkpsdm-pk", 8), ("kesbangpol-jateng-pk", 11)}
EACH = pytest.mark.parametrize("sop_id", sorted(ROWS))


def rows(sop_id: str) -> list[tuple[str, ...]]:
    """Return the stated rows as (number, posts, budget, output, way back)."""
    return [tuple(cell.strip() for cell in line.split("|")) for line in ROWS[sop_id].strip().splitlines()]


def row_of(step: Step) -> tuple[str, ...]:
    back = str(step.reject_to) if step.reject_to else ""
    return str(step.number), " ".join(step.posts), format_budget(step.budget), "; ".join(step.outputs), back


def step_of(sop_id: str, number: int) -> Step:
    return SOPS[sop_id].step(number)


def marked(sop: Sop, field: Field) -> set[int]:
    return {step.number for step in sop.steps if field in step.reading.unconfirmed}


def test_the_folder_holds_the_five_sops_and_no_problem() -> None:
    assert LOADED.problems == ()
    assert set(SOPS) == set(ROWS)


@EACH
def test_steps_are_numbered_held_timed_and_sent_back_as_the_agreed_reading_says(sop_id: str) -> None:
    assert [row_of(step) for step in SOPS[sop_id].steps] == rows(sop_id)


@EACH
def test_exactly_the_steps_with_a_way_back_are_decisions(sop_id: str) -> None:
    assert all(step.decision == (step.reject_to is not None) for step in SOPS[sop_id].steps)


@EACH
def test_every_part_of_the_heading_is_there(sop_id: str) -> None:
    sop = SOPS[sop_id]
    parts = (sop.legal_basis, sop.qualifications, sop.related, sop.equipment, sop.warnings, sop.records, sop.remedies)

    assert tuple(len(part) for part in parts) == COUNTS[sop_id]
    assert {step.number: step.related for step in sop.steps if step.related} == RELATED[sop_id]
    assert ["; ".join(step.requirements) for step in sop.steps] == REQUIREMENTS[sop_id]


@EACH
def test_posts_answer_to_the_posts_that_the_agreed_reading_gives_and_say_that_this_is_inferred(sop_id: str) -> None:
    posts = SOPS[sop_id].posts

    assert {post.id: post.superior for post in posts} == SUPERIORS[sop_id]
    assert all(Field.SUPERIOR in post.reading.unconfirmed for post in posts)


@EACH
def test_what_the_document_does_not_say_is_marked_as_inferred(sop_id: str) -> None:
    sop = SOPS[sop_id]
    decisions = {step.number for step in sop.steps if step.decision}

    assert marked(sop, Field.POSTS) == INFERRED_POSTS[sop_id]
    assert marked(sop, Field.COMPLETION) == {step.number for step in sop.steps if len(step.posts) > 1}
    assert marked(sop, Field.DECISION) == {n for n in decisions if (sop_id, n) not in DECISIONS_IN_THE_TEXT}
    assert marked(sop, Field.REJECT_TO) == {n for n in decisions if (sop_id, n) != ("bkpsdm-pk", 3)}


@EACH
def test_every_inferred_field_says_why(sop_id: str) -> None:
    sop = SOPS[sop_id]
    blocks = [sop.reading, sop.office.reading]
    blocks += [post.reading for post in sop.posts]
    blocks += [step.reading for step in sop.steps]

    assert all(block.note for block in blocks if block.unconfirmed)


def test_a_meeting_is_done_when_one_reports_and_other_shared_steps_when_all_have() -> None:
    shared = {
        (sop.id, step.number): step.completion for sop in SOPS.values() for step in sop.steps if len(step.posts) > 1
    }

    assert shared == {
        ("diskominfo-pali-pk", 4): Completion.ALL,
        ("diskominfo-pali-pk", 5): Completion.ALL,
        ("kesbangpol-jateng-pk", 5): Completion.ANY,
        ("disbudpar-tangerang-pk", 5): Completion.ANY,
    }


def test_numbers_dates_and_approval_are_those_printed() -> None:
    heading = {
        sop.id: (
            sop.number,
            *(
                str(day) if day else ""
                for day in (sop.dates.made, sop.dates.revised, sop.dates.approved, sop.dates.effective)
            ),
            sop.approved_by,
        )
        for sop in SOPS.values()
    }

    head = "Kepala Dinas Komunikasi, Informatika, Statistik dan Persandian"
    assert heading == {
        "diskominfo-pali-pk": (None, "", "", "", "", head),
        "bkpsdm-pk": ("90/SOP BKPSDM/2023", "", "", "", "2023-10-01", "Sekretariat"),
        "kesbangpol-jateng-pk": (None, "", "", "", "", None),
        "diskominfo-pali-iku": (None, "", "", "", "", head),
        "disbudpar-tangerang-pk": ("060/Kep.75-5/Sekret/2018", "2018-09-28", "", "2018-09-28", "", "Kepala Dinas"),
    }


def test_offices_whose_name_or_zone_is_not_in_the_document_say_so() -> None:
    assert {sop.office.zone for sop in SOPS.values()} == {Zone.WIB}
    assert {sop.id: sop.office.reading.unconfirmed for sop in SOPS.values() if sop.office.reading.unconfirmed} == {
        "bkpsdm-pk": (Field.ZONE,),
        "kesbangpol-jateng-pk": (Field.OFFICE_NAME, Field.ZONE),
    }


def test_both_sops_of_one_office_share_its_posts() -> None:
    one, other = SOPS["diskominfo-pali-pk"], SOPS["diskominfo-pali-iku"]

    assert one.office == other.office
    shared = {post.id for post in one.posts} & {post.id for post in other.posts}
    assert shared == {"kepala_dinas", "sekretaris", KASUBAG, "staf_sekretariat"}
    assert all(one.post(post) == other.post(post) for post in shared)


@pytest.mark.parametrize(
    ("sop_id", "number", "field", "value", "original"),
    [
        ("diskominfo-pali-pk", 1, Field.REQUIREMENTS, "Disposisi Surat", "Gruposa Surat"),
        ("diskominfo-pali-pk", 2, Field.ACTIVITY, "mengusulkan kebutuhan formasi", "menghusuisikan kebutuhan format"),
        ("diskominfo-pali-pk", 3, Field.ACTIVITY, "Membuat format", "Memisat format"),
        ("diskominfo-pali-pk", 8, Field.ACTIVITY, "Kinerja dari masing-masing", "Kinerja dan masing-masing"),
        ("diskominfo-pali-pk", 13, Field.ACTIVITY, "Penandatanganan", "Peneroatanganan"),
        ("diskominfo-pali-pk", 14, Field.ACTIVITY, "dikirimkan", "dikirmkan"),
        ("bkpsdm-pk", 2, Field.BUDGET, "1 Hari", "Lhari"),
        ("bkpsdm-pk", 4, Field.ACTIVITY, "Menghimpun", "Mer'mghlm.pun"),
        ("kesbangpol-jateng-pk", 4, Field.ACTIVITY, "Eselon III", "Esselon III"),
        ("kesbangpol-jateng-pk", 12, Field.ACTIVITY, "diserahkan", "diserahakan"),
        ("diskominfo-pali-iku", 2, Field.ACTIVITY, "mengusulkan", "menghusuikan"),
        ("disbudpar-tangerang-pk", 4, Field.ACTIVITY, "Eselon III", "Esselon III"),
    ],
)
def test_a_repaired_value_keeps_the_text_of_the_document(
    sop_id: str, number: int, field: Field, value: str, original: str
) -> None:
    step = step_of(sop_id, number)
    values = {
        Field.ACTIVITY: step.activity,
        Field.REQUIREMENTS: "; ".join(step.requirements),
        Field.BUDGET: format_budget(step.budget),
    }

    assert value in values[field]
    assert original in step.reading.original[field]


def test_no_value_still_reads_like_a_misread_page() -> None:
    misread = re.compile(
        r"Gruposa|Memisat|menghusui|Peneroa|dituahkan|Esselon|secretariat|diserahakan|[\]_!]", re.IGNORECASE
    )
    texts = [
        (sop.id, text)
        for sop in SOPS.values()
        for step in sop.steps
        for text in (step.activity, *step.requirements, *step.outputs)
    ]

    assert [found for found in texts if misread.search(found[1])] == []


def test_no_file_holds_anything_like_a_nip_or_the_name_of_an_official() -> None:
    for path in SOP_DATA.glob("*.yaml"):
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"(?:\d[ .]?){18}", text), path
        assert not re.search(r"\bNIP\b[.: ]*\d|\bS\.?H\b|\bM\.?H\b|\bHj\.", text), path


@EACH
def test_each_definition_names_its_source_and_its_file_bears_its_id(sop_id: str) -> None:
    assert (SOP_DATA / f"{sop_id}.yaml").is_file()
    assert re.fullmatch(r"00[0-4]_[0-9a-f]{16}\.txt", SOPS[sop_id].source or "")
