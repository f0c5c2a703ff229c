"""The hash chain: one canonical form, and whatever is done to a log breaks it where it was done."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.chain import Break, Entry, Fault, Walk, digest, fingerprint, genesis, link

AT = datetime(2026, 11, 9, 1, 2, 3, 4, tzinfo=UTC)
START = genesis(office_id="dinas", code="PK-2026-001", title="Perjanjian Kinerja", sop_hash="0" * 64)
TEXTS = st.text(st.characters(exclude_categories=[]))  # lone surrogates too: a tampered log may hold them
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | TEXTS, lambda inner: st.lists(inner, max_size=3), max_leaves=5
)
DATA = st.dictionaries(st.sampled_from(["note", "posts", "step", "task"]), VALUES)
FACTS = st.tuples(
    st.datetimes(timezones=st.just(UTC)), st.sampled_from(["A", "B"]), st.none() | st.integers(1, 3), DATA
)
LOGS = st.lists(FACTS, min_size=1, max_size=8)
Fact = tuple[datetime, str, int | None, dict[str, Any]]


def _log(facts: list[Fact], start: str = START) -> list[Entry]:
    head, entries = start, []
    for number, (at, kind, by, data) in enumerate(facts, 1):
        head = link(head, number=number, at=at, kind=kind, by=by, data=data)
        entries.append(Entry(number, at, kind, by, data, head))
    return entries


def _broken(entries: list[Entry], start: str = START) -> Break | None:
    walk = Walk(start)
    return next((broken for entry in entries if (broken := walk.step(entry))), None)


def test_the_canonical_form_is_the_documented_one_for_ever() -> None:
    content = '{"code":"PK-2026-001","office":"dinas","sop":"' + "0" * 64 + '","title":"Perjanjian Kinerja"}'
    assert hashlib.sha256(content.encode()).hexdigest() == START
    event = (
        '{"at":"2026-11-09T01:02:03.000004Z","by":7,"data":{"note":"é\\n\\"","posts":["staf"]},'
        f'"kind":"PartDone","number":2,"previous":"{START}"}}'
    )
    data: dict[str, object] = {"posts": ["staf"], "note": 'é\n"'}
    assert link(START, number=2, at=AT, kind="PartDone", by=7, data=data) == hashlib.sha256(event.encode()).hexdigest()


def test_a_moment_hashes_alike_in_every_zone() -> None:
    eastern = AT.astimezone(timezone(timedelta(hours=9)))
    hashes = {link(START, number=1, at=at, kind="A", by=None, data={}) for at in (AT, eastern)}
    assert len(hashes) == 1


@pytest.mark.parametrize(
    "values",
    [
        [{"note": None}, {}, {"note": ""}, {"note": "null"}],
        [{"step": 1}, {"step": "1"}, {"step": True}, {"step": [1]}],
        [{"note": "é"}, {"note": "e\u0301"}, {"note": "\\u00e9"}],
        [{"note": '","kind":"B'}, {"note": "", "kind": "B"}],
    ],
)
def test_what_differs_hashes_differently(values: list[dict[str, object]]) -> None:
    assert len({digest(value) for value in values}) == len(values)


def test_a_fingerprint_is_eighty_bits_in_groups_for_the_eye() -> None:
    assert fingerprint("9f3a02c177de4b108e2d" + "0" * 44) == "9F3A-02C1-77DE-4B10-8E2D"


@given(LOGS)
def test_an_untouched_log_holds(facts: list[Fact]) -> None:
    assert _broken(_log(facts)) is None


@given(LOGS, st.data())
def test_the_first_altered_event_is_named(facts: list[Fact], data: st.DataObject) -> None:
    log = _log(facts)
    place = data.draw(st.integers(0, len(log) - 1))
    entry = log[place]
    forged = data.draw(
        st.sampled_from(
            [
                replace(entry, at=entry.at + timedelta(microseconds=1) if entry.at else None),
                replace(entry, at=None),
                replace(entry, kind=f"{entry.kind}x"),
                replace(entry, by=99),
                replace(entry, data={**facts[place][3], "slipped": "in"}),
                replace(entry, data=None),
                replace(entry, hash=digest({"forged": 1})),
            ]
        )
    )
    first = Fault.IDENTITY if place == 0 else Fault.ALTERED
    assert _broken([*log[:place], forged, *log[place + 1 :]]) == Break(place + 1, first)


@given(st.lists(FACTS, min_size=2, max_size=8, unique_by=lambda fact: (fact[0], repr(fact))), st.data())
def test_a_removed_event_is_named_and_so_is_what_moved_into_its_place(facts: list[Fact], data: st.DataObject) -> None:
    log = _log(facts)
    place = data.draw(st.integers(0, len(log) - 2))
    rest = [*log[:place], *log[place + 1 :]]
    assert _broken(rest) == Break(place + 1, Fault.MISSING)
    renumbered = [replace(entry, number=number) for number, entry in enumerate(rest, 1)]
    assert _broken(renumbered) == Break(place + 1, Fault.IDENTITY if place == 0 else Fault.ALTERED)


@given(st.lists(FACTS, min_size=2, max_size=8), FACTS, st.data())
def test_an_inserted_event_is_named_even_with_a_hash_of_its_own(
    facts: list[Fact], slipped: Fact, data: st.DataObject
) -> None:
    log = _log(facts)
    place = data.draw(st.integers(1, len(log) - 1))
    at, kind, by, content = slipped
    head = link(log[place - 1].hash, number=place + 1, at=at, kind=kind, by=by, data=content)
    if head == log[place].hash:
        return  # by chance the very event that stood there
    forged = [*log[:place], Entry(place + 1, at, kind, by, content, head), *log[place:]]
    renumbered = [replace(entry, number=number) for number, entry in enumerate(forged, 1)]
    assert _broken(renumbered) == Break(place + 1, Fault.INSERTED)


@given(st.lists(FACTS, min_size=2, max_size=8), st.data())
def test_swapped_and_doubled_events_are_named(facts: list[Fact], data: st.DataObject) -> None:
    log = _log(facts)
    place = data.draw(st.integers(0, len(log) - 2))
    swapped = [*log[:place], log[place + 1], log[place], *log[place + 2 :]]
    renumbered = [replace(entry, number=number) for number, entry in enumerate(swapped, 1)]
    broken = _broken(renumbered)
    assert broken is not None
    assert broken.number == place + 1
    doubled = [
        replace(entry, number=n) for n, entry in enumerate([*log[: place + 1], log[place], *log[place + 1 :]], 1)
    ]
    broken = _broken(doubled)
    assert broken is not None
    assert broken.number == place + 2


@given(LOGS, st.sampled_from(["office_id", "code", "title", "sop_hash"]))
def test_a_case_that_is_not_the_same_breaks_at_its_first_event(facts: list[Fact], changed: str) -> None:
    identity = {"office_id": "dinas", "code": "PK-2026-001", "title": "Perjanjian Kinerja", "sop_hash": "0" * 64}
    other = genesis(**{**identity, changed: f"{identity[changed]} "})
    assert _broken(_log(facts), other) == Break(1, Fault.IDENTITY)
