"""What is told of a case: its start, its moves, its end, its status and its history."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from bot.domain import notices as n

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from syrupy.assertion import SnapshotAssertion

    from bot.domain.sop import Sop
    from bot.messages.message import Message
    from tests.messages.conftest import World


def test_the_starter_reads_the_code_and_what_is_unconfirmed(
    world: World, shown: Callable[[Message | None], str], snapshot: SnapshotAssertion
) -> None:
    case = world.staff().case()
    assert shown(world.render(n.CaseStarted(case.id), "Siti Rahmawati")) == snapshot


def test_the_sekretariat_that_starts_reads_how_to_fill_an_empty_post(
    world: World, shown: Callable[[Message | None], str], snapshot: SnapshotAssertion
) -> None:
    world.person("Siti Rahmawati", "sekretariat")
    case = world.case()
    assert shown(world.render(n.CaseStarted(case.id), "Siti Rahmawati")) == snapshot


def test_another_starter_reads_that_the_sekretariat_knows(world: World, shown: Callable[[Message | None], str]) -> None:
    world.person("Agus Salim", "kasubag")
    case = world.case()
    text = shown(world.render(n.CaseStarted(case.id), "Agus Salim"))
    assert "Sekretariat sudah diberi tahu" in text
    assert "/undang" not in text


def test_a_certain_sop_starts_without_hints(
    world: World, shown: Callable[[Message | None], str], snapshot: SnapshotAssertion, sops: dict[str, Sop]
) -> None:
    world.person("Nur Aini", "sekretariat", "kepala", office="disbudpar")
    case = world.case(sop=sops["disbudpar-pk"])
    assert shown(world.render(n.CaseStarted(case.id), "Nur Aini")) == snapshot


def test_who_reported_reads_what_comes_next(
    world: World, shown: Callable[[Message | None], str], snapshot: SnapshotAssertion
) -> None:
    case = world.staff().case()
    task = world.done(case, "Bambang Wijaya")
    assert shown(world.render(n.PartReported(task.id), "Bambang Wijaya")) == snapshot


def test_who_reported_first_reads_who_is_awaited(
    world: World, shown: Callable[[Message | None], str], snapshot: SnapshotAssertion
) -> None:
    case = world.staff().case()
    world.to_step(case, 4)
    task = world.done(case, "Agus Salim")
    assert shown(world.render(n.PartReported(task.id), "Agus Salim")) == snapshot


def test_who_reported_before_a_colleague_rejected_reads_that(
    world: World, shown: Callable[[Message | None], str], snapshot: SnapshotAssertion
) -> None:
    case = world.staff().case()
    world.to_step(case, 4)
    task = world.done(case, "Agus Salim")
    world.rejected(case, "Rina Marlina", "Data bidang belum masuk")
    assert shown(world.render(n.PartReported(task.id), "Agus Salim")) == snapshot


def test_who_reported_before_the_case_was_cancelled_reads_that(
    world: World, shown: Callable[[Message | None], str], snapshot: SnapshotAssertion
) -> None:
    case = world.staff().case()
    world.to_step(case, 4)
    task = world.done(case, "Agus Salim")
    world.cancelled(case, "Siti Rahmawati", "Keliru")
    assert shown(world.render(n.PartReported(task.id), "Agus Salim")) == snapshot


def _finished(world: World, at: Callable[..., datetime]) -> Any:
    case = world.staff().case()
    world.to_step(case, 5)
    world.at = at(25, 10)
    world.rejected(case, "Dewi Lestari", "Target belum diisi")
    world.at = at(26, 14, 30)
    world.to_step(case, 5)
    world.at = at(27, 9)
    world.done(case, "Dewi Lestari", note="Sudah baik")
    world.at = at(27, 9, 30)
    world.done(case, "Rina Marlina")
    return case


def test_the_last_report_ends_the_case(
    world: World, shown: Callable[[Message | None], str], snapshot: SnapshotAssertion, at: Callable[..., datetime]
) -> None:
    case = _finished(world, at)
    assert shown(world.render(n.PartReported(world.task(case).id), "Rina Marlina")) == snapshot


def test_the_end_of_a_case_names_code_time_and_rejections(
    world: World, shown: Callable[[Message | None], str], snapshot: SnapshotAssertion, at: Callable[..., datetime]
) -> None:
    case = _finished(world, at)
    text = shown(world.render(n.CaseFinished(case.id), "Siti Rahmawati"))
    assert text == snapshot
    assert "PK-2026-001" in text
    assert "selesai" in text


def test_the_end_of_a_case_in_another_year_names_the_years(
    world: World, shown: Callable[[Message | None], str], at: Callable[..., datetime]
) -> None:
    case = _finished(world, at)
    world.at = at(27, 9).replace(year=2027)
    text = shown(world.render(n.CaseFinished(case.id), "Siti Rahmawati"))
    assert "Selesai: Jumat, 27 Nov 2026 09.30 WIB" in text


def test_who_rejected_reads_where_the_case_went(
    world: World, shown: Callable[[Message | None], str], snapshot: SnapshotAssertion
) -> None:
    case = world.staff().case()
    world.to_step(case, 5)
    task = world.rejected(case, "Dewi Lestari", "Target triwulan II belum diisi.\nMohon dilengkapi.")
    assert shown(world.render(n.RejectionRecorded(task.id), "Dewi Lestari")) == snapshot


def test_those_whose_reports_were_undone_read_who_why_and_where_to(
    world: World, shown: Callable[[Message | None], str], snapshot: SnapshotAssertion
) -> None:
    case = world.staff().case()
    world.to_step(case, 5)
    task = world.rejected(case, "Dewi Lestari", "Target triwulan II belum diisi.")
    assert shown(world.render(n.RejectionTold(task.id), "Siti Rahmawati")) == snapshot
    world.to_step(case, 5)
    late = shown(world.render(n.RejectionTold(task.id), "Siti Rahmawati"))
    assert "Langkah itu sudah ditindaklanjuti." in late


def test_a_rejection_of_a_task_that_was_not_rejected_is_not_told(world: World) -> None:
    case = world.staff().case()
    assert world.render(n.RejectionTold(world.task(case).id), "Siti Rahmawati") is None


def test_a_cancelled_case_says_who_and_why(
    world: World, shown: Callable[[Message | None], str], snapshot: SnapshotAssertion
) -> None:
    case = world.staff().case()
    world.cancelled(case, "Siti Rahmawati", "Dibuat dua kali, lihat PK-2026-002")
    assert shown(world.render(n.CaseCancelled(case.id), "Bambang Wijaya")) == snapshot


def test_who_has_left_the_office_hears_that_a_case_ended_and_no_more(
    world: World, shown: Callable[[Message | None], str], snapshot: SnapshotAssertion
) -> None:
    cancelled = world.staff().case(title="Judul rahasia")
    world.cancelled(cancelled, "Siti Rahmawati", "Alasan rahasia")
    rejected = world.case("PK-2026-002")
    world.to_step(rejected, 5)
    task = world.rejected(rejected, "Dewi Lestari", "Alasan rahasia")
    world.leave("Rina Marlina", "staf")
    assert world.render(n.RejectionTold(task.id), "Rina Marlina") is None
    told = shown(world.render(n.CaseCancelled(cancelled.id), "Rina Marlina"))
    told += "\n" + shown(world.render(n.CaseFinished(cancelled.id), "Rina Marlina"))
    assert told == snapshot
    assert "rahasia" not in told


def test_running_cases_put_the_late_ones_first(
    world: World, shown: Callable[[Message | None], str], snapshot: SnapshotAssertion, at: Callable[..., datetime]
) -> None:
    first = world.staff().case()
    world.to_step(first, 4)
    second = world.case("PK-2026-002", "Perubahan 2026")
    world.to_step(second, 2)
    world.leave("Rina Marlina", "staf")
    world.at = at(24, 13, 30)
    assert shown(world.render(n.RunningCases(), "Dewi Lestari")) == snapshot


def test_running_cases_of_two_offices_stand_under_their_offices(
    world: World, shown: Callable[[Message | None], str], snapshot: SnapshotAssertion, sops: dict[str, Sop]
) -> None:
    world.staff().case()
    world.person("Siti Rahmawati", "staf", office="disbudpar")
    world.case(sop=sops["disbudpar-pk"])
    assert shown(world.render(n.RunningCases(), "Siti Rahmawati")) == snapshot


def test_no_running_cases(world: World, shown: Callable[[Message | None], str], snapshot: SnapshotAssertion) -> None:
    world.staff()
    assert shown(world.render(n.RunningCases(), "Dewi Lestari")) == snapshot


def test_fifty_running_cases_fit_and_the_rest_is_counted(world: World, shown: Callable[[Message | None], str]) -> None:
    world.staff()
    for number in range(1, 51):
        world.case(f"PK-2026-{number:03d}", "Perjanjian & Kinerja <2026>")
    text = shown(world.render(n.RunningCases(), "Dewi Lestari"))
    left_out = 50 - text.count("<b>PK-2026-")
    assert f"dan {left_out} berkas lain." in text


def test_an_admin_without_a_post_sees_all_offices(world: World, shown: Callable[[Message | None], str]) -> None:
    world.staff().case()
    assert "<b>Badan Kesbangpol Provinsi Jawa Tengah</b>" in shown(world.render(n.RunningCases(), admin=True))


def test_the_status_of_a_running_case(
    world: World, shown: Callable[[Message | None], str], snapshot: SnapshotAssertion, at: Callable[..., datetime]
) -> None:
    case = world.staff().case()
    world.at = at(24, 10)
    world.to_step(case, 4)
    world.done(case, "Agus Salim")
    world.at = at(26, 9)
    assert shown(world.render(n.CaseStatus(case.id), "Siti Rahmawati")) == snapshot


def test_the_status_explains_which_days_were_passed_over(
    world: World, shown: Callable[[Message | None], str], at: Callable[..., datetime]
) -> None:
    case = world.staff().case()
    world.at = at(27, 10)
    world.to_step(case, 4)
    text = shown(world.render(n.CaseStatus(case.id), "Siti Rahmawati"))
    assert "Hitungan: 4 Hari kerja: Sel 1, Rab 2, Kam 3, Jum 4 Des → Jum 4 Des 10.00 WIB" in text
    assert "Libur dilewati: Sen 30 Nov (Hari Jadi Daerah)" in text


def test_the_status_after_a_rejection_counts_only_what_stands(
    world: World, shown: Callable[[Message | None], str], snapshot: SnapshotAssertion
) -> None:
    case = world.staff().case()
    world.to_step(case, 5)
    world.rejected(case, "Dewi Lestari", "Belum lengkap")
    assert shown(world.render(n.CaseStatus(case.id), "Siti Rahmawati")) == snapshot


def test_the_status_of_ended_cases(
    world: World, shown: Callable[[Message | None], str], snapshot: SnapshotAssertion, at: Callable[..., datetime]
) -> None:
    finished = _finished(world, at)
    assert shown(world.render(n.CaseStatus(finished.id), "Siti Rahmawati")) == snapshot
    other = world.case("PK-2026-002")
    world.cancelled(other, "Siti Rahmawati", "Keliru")
    assert shown(world.render(n.CaseStatus(other.id), "Siti Rahmawati")) == snapshot(name="cancelled")


@pytest.mark.parametrize("page", [0, 1, 99, None])
def test_a_history_stands_in_pages(
    world: World,
    shown: Callable[[Message | None], str],
    snapshot: SnapshotAssertion,
    at: Callable[..., datetime],
    page: int | None,
) -> None:
    case = _finished(world, at)
    assert shown(world.render(n.CaseHistory(case.id, page), "Siti Rahmawati")) == snapshot


def test_a_history_names_the_round_of_every_line_from_the_second_on(
    world: World, shown: Callable[[Message | None], str]
) -> None:
    case = world.staff().case()
    for _ in range(2):
        world.to_step(case, 5)
        world.rejected(case, "Dewi Lestari", "Belum lengkap")
    texts = [shown(world.render(n.CaseHistory(case.id, page), "Siti Rahmawati")) for page in (0, 1)]
    lines = [line for text in texts for line in text.splitlines()]
    assert "Langkah 4 diselesaikan oleh Rina Marlina (Staf)" in lines
    assert "Langkah 4 (putaran 2): bagian Agus Salim (Kasubag Program) dilaporkan selesai" in lines
    assert "Langkah 4 (putaran 2) diselesaikan oleh Rina Marlina (Staf)" in lines
    assert "Langkah 5 ditolak oleh Dewi Lestari (Sekretaris), kembali ke Langkah 4" in lines
    assert "Langkah 5 (putaran 2) ditolak oleh Dewi Lestari (Sekretaris), kembali ke Langkah 4" in lines


def test_a_history_ends_with_the_cancellation(
    world: World, shown: Callable[[Message | None], str], snapshot: SnapshotAssertion
) -> None:
    case = world.staff().case()
    world.cancelled(case, "Siti Rahmawati", "Keliru")
    assert shown(world.render(n.CaseHistory(case.id), "Siti Rahmawati")) == snapshot


def test_long_reasons_make_more_pages_and_lose_nothing(world: World, shown: Callable[[Message | None], str]) -> None:
    case = world.staff().case()
    for number in range(12):
        world.to_step(case, 2)
        world.rejected(case, "Agus Salim", f"alasan {number}: " + "<&>" * 300)
    texts = [shown(world.render(n.CaseHistory(case.id, page), "Siti Rahmawati")) for page in range(20)]
    assert all(f"alasan {number}:" in "".join(texts) for number in range(12))
