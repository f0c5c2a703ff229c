"""A secret case: whatever happens to it and whoever looks, Telegram gets its code and nothing it is about."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import TYPE_CHECKING

import pytest

from bot.domain.notices import FileRefused, NotAllowed, SecretWithheld
from bot.services.attach import Offered, attach
from bot.services.boards import refresh_boards
from bot.services.digest import fire_digests
from bot.services.notes import add_note
from bot.services.on_behalf import record_decision, with_proof
from bot.services.publish import publish
from bot.services.seal_case import seal_case
from bot.services.secrecy import SEALED
from bot.services.work import Refusal
from bot.store.tables import AttachmentRow, EventRow
from tests.services.conftest import PK, library, wib

if TYPE_CHECKING:
    from tests.services.conftest import Town

WORDS = ("pemeriksaan dugaan", "nama terlapor", "menunggu inspektorat", "bukti belum ada")
"""What nobody may read in Telegram, as somebody typed it nevertheless."""

TITLE, REASON, HOLD, NOTE = WORDS
PROSE = (*WORDS, *(step.activity for step in PK.steps))


def leaks(town: Town, answers: list[str]) -> list[str]:
    """Return what went out although it must not."""
    return [text for text in (*(mail.text for mail in town.mail), *answers) if any(word in text for word in PROSE)]


def live(town: Town, code: str) -> list[str]:
    """Let everything happen to the case that is about words, while everybody looks; return the answers to buttons."""
    lines = [
        ("Sinta", f"/selesai {code} {NOTE}"),
        ("Bagus", f"/catatan {code} {NOTE}"),
        ("Endah", f"/tolak {code} {REASON}"),
        ("Sinta", f"/selesai {code}"),
        ("Sari", f"/jeda {code} {HOLD}"),
        ("Bagus", f"/selesai {code}"),
        ("Sari", f"/lanjut {code}"),
        ("Bagus", f"/selesai {code}"),
        ("Endah", f"/selesai {code}"),
        ("Rini", f"/tolak {code}"),
        ("Rini", REASON),
        ("Sinta", f"/selesai {code}"),
    ]
    answers: list[str] = []
    for who, line in lines:
        answers.append(town.says(who, line).text)
        answers += [town.says(who, look).text for look in (f"/status {code}", "/tugas")]
        answers += [town.says("Sari", look).text for look in ("/status", f"/riwayat {code}", "/papan")]
        town.run(refresh_boards)
        town.deliver()
        town.at += (wib(9, 9) - wib(9, 8)) / 2
    for day, hour in ((10, 8), (10, 14), (11, 8), (13, 8), (13, 15)):
        town.at = wib(day, hour)
        town.run(fire_digests)
        town.fire(town.at)
    town.says("Sari", f"/batal {code} {REASON}")
    town.deliver()
    return answers


@pytest.mark.parametrize("lasting_store", ["sqlite"], indirect=True)
def test_nothing_that_a_secret_sop_is_about_reaches_anybodys_phone(staffed: Town) -> None:
    staffed.library = library(replace(PK, secret=True))
    staffed.run(publish)
    case_id = staffed.starts("Sari", title=TITLE)
    assert staffed.case(case_id).secret
    code = staffed.case(case_id).code
    answers = live(staffed, code)
    assert leaks(staffed, answers) == []
    assert sum(code in mail.text for mail in staffed.mail) > 30, "much was said all the same"
    written = "".join(str(row.data) for row in staffed.rows(EventRow)) + staffed.case(case_id).title
    assert not any(word in written for word in WORDS), "what was typed is not kept either"


@pytest.mark.parametrize("lasting_store", ["sqlite"], indirect=True)
def test_what_an_ordinary_case_is_about_is_said_so_the_silence_is_no_accident(staffed: Town) -> None:
    case_id = staffed.starts("Sari", title=TITLE)
    answers = live(staffed, staffed.case(case_id).code)
    said = "".join(leaks(staffed, answers))
    assert not [word for word in PROSE[:-1] if word not in said]


def test_a_case_that_becomes_secret_is_taken_from_every_card(staffed: Town) -> None:
    case_id = staffed.starts("Sari", title=TITLE)
    staffed.deliver()
    assert any(TITLE in mail.text for mail in staffed.mail)
    staffed.mail.clear()
    staffed.do("Sari", seal_case, case_id)
    staffed.says("Sari", "/status")
    sent = staffed.deliver()
    assert [mail.to for mail in sent if mail.edits is not None] == ["Sinta"]
    assert leaks(staffed, []) == []
    staffed.do("Sari", seal_case, case_id)
    kinds = [row.kind for row in staffed.rows(EventRow)]
    assert kinds.count("CaseSealed") == 1


def test_notes_and_files_of_a_secret_case_are_refused_and_only_the_sekretariat_makes_one(staffed: Town) -> None:
    case_id = staffed.starts("Sari")
    assert staffed.refused("Sinta", seal_case, case_id) == NotAllowed("secretariat")
    staffed.do("Sari", seal_case, case_id)
    task = staffed.task(case_id).id
    assert staffed.refused("Sinta", add_note, task, NOTE) == SecretWithheld(case_id)
    file = Offered("BQAD", "AgAD", "bukti.pdf", "application/pdf", 10, photo=False)
    staffed.refused("Sinta", attach, task, file)
    assert staffed.rows(AttachmentRow) == []


def test_what_proves_a_recorded_decision_about_a_secret_case_is_kept_neither_as_a_text_nor_as_a_file(
    staffed: Town,
) -> None:
    case_id = staffed.starts()
    staffed.to_step(case_id, 5)
    task, file = staffed.task(case_id).id, Offered("BQAD", "AgAD", "bukti.pdf", "application/pdf", 10, photo=False)
    draft = {"task_id": task, "late": False, "person_id": staffed.person_id("Kemal"), "decision": "done"}
    draft |= {"medium": "voice", "remark": NOTE, "file": asdict(file)}  # sent before the case became secret
    staffed.do("Sari", seal_case, case_id)
    with pytest.raises(Refusal) as refused:
        staffed.run(with_proof, draft, file=file)
    assert refused.value.notice == FileRefused("secret", task)
    staffed.do("Sari", record_decision, draft)
    word = [row.data for row in staffed.rows(EventRow) if row.kind == "PartDone"][-1]
    assert (word["remark"], word.get("evidence"), staffed.rows(AttachmentRow)) == (SEALED, None, [])
