"""Definitions as JSON: pinned without loss, and printed in the shape that checks rely on."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from bot.domain.budget import Budget, Unit
from bot.domain.reminders import DEFAULT_LADDER, EarlyRung, Ladder
from bot.domain.sop import Completion, Dates, Field, Office, Post, Reading, Sop, Step, Zone
from bot.sop_files.as_json import check_json, content_hash, definition_from_dict, definition_to_dict
from bot.sop_files.loader import load_files, load_folder

ROOT = Path(__file__).parents[2]
BROKEN = ROOT / "tests" / "data" / "invalid_sop"
FIVE = load_folder(ROOT / "sop_data").sops

TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=12)
TEXTS = st.lists(TEXT, max_size=2).map(tuple)
BUDGETS = st.builds(Budget, st.integers(1, 1000), st.sampled_from(Unit))
DAYS = st.none() | st.dates()
READINGS = st.builds(
    Reading,
    unconfirmed=st.lists(st.sampled_from(Field), max_size=3).map(tuple),
    original=st.dictionaries(st.sampled_from(Field), TEXT, max_size=2),
    note=st.none() | TEXT,
)
OFFICES = st.builds(Office, id=TEXT, name=TEXT, zone=st.sampled_from(Zone), reading=READINGS)
POSTS = st.builds(Post, id=TEXT, name=TEXT, superior=st.none() | TEXT, reading=READINGS)
STEPS = st.builds(
    Step,
    number=st.integers(1, 9999),
    activity=TEXT,
    posts=TEXTS,
    budget=BUDGETS,
    completion=st.sampled_from(Completion),
    requirements=TEXTS,
    outputs=TEXTS,
    decision=st.booleans(),
    reject_to=st.none() | st.integers(1, 9999),
    related=st.none() | TEXT,
    reading=READINGS,
)
LADDERS = st.builds(
    Ladder,
    early=st.lists(st.builds(EarlyRung, st.integers(1, 99), BUDGETS), max_size=2).map(tuple),
    late_after=BUDGETS,
    superior_minimum=BUDGETS,
    head_after=BUDGETS,
)
SOPS = st.builds(
    Sop,
    id=TEXT,
    name=TEXT,
    abbreviation=TEXT,
    office=OFFICES,
    posts=st.lists(POSTS, max_size=2).map(tuple),
    steps=st.lists(STEPS, max_size=2).map(tuple),
    number=st.none() | TEXT,
    dates=st.builds(Dates, made=DAYS, revised=DAYS, approved=DAYS, effective=DAYS),
    approved_by=st.none() | TEXT,
    legal_basis=TEXTS,
    qualifications=TEXTS,
    related=TEXTS,
    equipment=TEXTS,
    warnings=TEXTS,
    records=TEXTS,
    remedies=TEXTS,
    ladder=st.none() | LADDERS,
    source=st.none() | TEXT,
    reading=READINGS,
)


@given(SOPS)
def test_a_definition_survives_the_way_through_the_database(sop: Sop) -> None:
    stored = json.dumps(definition_to_dict(sop))
    assert definition_from_dict(json.loads(stored)) == sop


def test_the_five_definitions_survive_it_too_and_keep_their_hash() -> None:
    assert len(FIVE) == 5
    for sop in FIVE:
        again = definition_from_dict(json.loads(json.dumps(definition_to_dict(sop))))
        assert again == sop
        assert content_hash(again) == content_hash(sop)


def test_the_pinned_form_speaks_the_language_of_the_domain() -> None:
    data = definition_to_dict(FIVE[0])

    assert set(data) >= {"id", "office", "posts", "steps", "legal_basis", "ladder"}
    assert data["steps"][0]["budget"] == {"amount": 5, "unit": "minute"}
    assert data["dates"]["effective"] == "2023-10-01"
    assert type(data["office"]["zone"]) is str


def test_any_change_of_content_changes_the_hash() -> None:
    sop = FIVE[0]
    step = replace(sop.steps[0], budget=Budget(6, Unit.MINUTE))
    changes = [
        replace(sop, name="Lain"),
        replace(sop, steps=(step, *sop.steps[1:])),
        replace(sop, ladder=DEFAULT_LADDER),
        replace(sop, reading=Reading(note="baru")),
        replace(sop, posts=sop.posts[::-1]),
    ]
    assert len({content_hash(sop), *(content_hash(change) for change in changes)}) == 6


def test_the_hash_does_not_depend_on_the_order_of_keys_in_the_file() -> None:
    one = replace(FIVE[0], reading=Reading(original={Field.NAME: "a", Field.NUMBER: "b"}))
    other = replace(FIVE[0], reading=Reading(original={Field.NUMBER: "b", Field.NAME: "a"}))
    assert content_hash(one) == content_hash(other)


def test_a_definition_stored_before_a_field_existed_is_still_read() -> None:
    data = definition_to_dict(FIVE[0])
    for younger in ("remedies", "ladder", "source"):
        del data[younger]
    del data["dates"]["approved"]
    del data["steps"][0]["related"]

    assert definition_from_dict(data) == replace(FIVE[0], source=None)


def test_the_check_prints_the_documented_shape() -> None:
    printed = check_json(load_folder(ROOT / "sop_data"))

    assert list(printed) == ["sop", "masalah"]
    assert printed["masalah"] == []
    sop = next(sop for sop in printed["sop"] if sop["id"] == "kesbangpol-jateng-pk")
    assert list(sop) == ["id", "nama", "singkatan", "instansi", "jabatan", "langkah"]
    assert sop["instansi"] == {
        "id": "kesbangpol-jateng",
        "nama": "Badan Kesatuan Bangsa Politik dan Perlindungan Masyarakat Provinsi Jawa Tengah",
        "zona": "WIB",
    }
    assert sop["jabatan"][:2] == [
        {"id": "kepala_badan", "nama": "Kepala Badan", "atasan": None},
        {"id": "sekretaris", "nama": "Sekretaris", "atasan": "kepala_badan"},
    ]
    assert sop["langkah"][8] == {
        "no": 9,
        "kegiatan": "Mengoreksi konsep Dokumen Perjanjian Kinerja",
        "pelaksana": ["sekretaris"],
        "penyelesaian": "semua",
        "kelengkapan": ["Dokumen Perjanjian Kinerja"],
        "waktu": "1 Hari",
        "output": ["Dokumen Perjanjian Kinerja"],
        "keputusan": True,
        "tolak_ke": 8,
        "keterkaitan": None,
        "perkiraan": ["pelaksana", "keputusan", "tolak_ke"],
    }
    assert sop["langkah"][4]["penyelesaian"] == "salah_satu"
    assert sop["langkah"][4]["keterkaitan"] == "SOP Pelaksanaan Rapat"
    assert sop["langkah"][1]["tolak_ke"] is None
    json.dumps(printed)


def test_the_check_prints_each_problem_with_file_line_and_words() -> None:
    path = BROKEN / "waktu-kurang.yaml"
    assert check_json(load_files([path])) == {
        "sop": [],
        "masalah": [{"file": str(path), "line": 15, "pesan": "Kunci 'waktu' belum ada di langkah 2; tambahkan."}],
    }
