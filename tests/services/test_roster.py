"""The roster table: every bad row named and nothing imported, or all of it; spreadsheets simply work."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.cli.common import Refused
from bot.cli.roster import new_link
from bot.domain.posts import SECRETARIAT
from bot.domain.sop import Post
from bot.services.complete_task import complete_task
from bot.services.invitations import accept
from bot.services.office_posts import posts_of_office
from bot.services.people import mark_unreachable
from bot.services.publish import publish
from bot.services.roster import Imported, RosterProblem, export_roster, import_roster
from bot.services.work import Work
from bot.store import queries
from bot.store.tables import HoldingRow, InvitationRow, OfficeRow, PersonRow
from tests.services.conftest import BADAN_PK, PK, STAFF, Town, library, wib

HEAD = "instansi,jabatan,telegram_id,nama"


def table(*rows: str) -> bytes:
    return "\n".join([HEAD, *rows]).encode()


def refused(town: Town, content: bytes, *, may_invite: bool = True) -> tuple[str, ...]:
    """Return the lines of a refused import; fails where it is not refused or leaves anything behind."""
    before = town.dump()
    with pytest.raises(RosterProblem) as caught:
        town.run(import_roster, content, may_invite=may_invite)
    assert town.dump() == before
    return caught.value.lines


def holders(town: Town, post: str, office: str = "dinas") -> list[str]:
    people = town.store.run_now(queries.holders_of, office, [post], town.at)
    return [person.name for person in people]


# --- what works -----------------------------------------------------------------------------


def test_rows_put_people_on_posts_the_sekretariat_included(town: Town) -> None:
    done = town.run(
        import_roster,
        table("dinas,kepala,101,Drs. Kemal", "dinas,sekretariat,102,Sari", "badan,kepala,101,Drs. Kemal"),
    )
    assert done == Imported(added=3, renamed=0, unchanged=0, links=())
    assert (holders(town, "kepala"), holders(town, "sekretariat"), holders(town, "kepala", "badan")) == (
        ["Drs. Kemal"],
        ["Sari"],
        ["Drs. Kemal"],
    )


@pytest.mark.parametrize(
    "content",
    [
        table("dinas,staf,101,Budi"),
        b"\xef\xbb\xbf" + table("dinas,staf,101,Budi"),
        table("dinas,staf,101,Budi").replace(b",", b";"),
        b"\xef\xbb\xbf" + table("dinas,staf,101,Budi", "").replace(b",", b";").replace(b"\n", b"\r\n"),
        table("dinas,staf,101,Budi").replace(b",", b"\t"),
        table("dinas,staf,101,Budi").replace(b"\n", b"\r\n"),
        table('"dinas","staf","101","Budi"'),
        b'"instansi";"jabatan";"telegram_id";"nama"\n"dinas";"staf";"101";"Budi"',
        b"nama, Jabatan ,INSTANSI,telegram_id\n Budi , staf,dinas, 101 ",
        b"instansi;jabatan;telegram_id;nama;keterangan\ndinas;staf;101;Budi;baru",
        b"instansi;jabatan;telegram_id;nama;;\ndinas;staf;101;Budi;;\n;;;;;\n",
        b"\n\n" + table("", "dinas,staf,101,Budi", ",,,"),
        b"\xef\xbb\xbfsep=;\r\n" + table("dinas,staf,101,Budi").replace(b",", b";").replace(b"\n", b"\r\n"),
        b"sep=,\n" + table("dinas,staf,101,Budi"),
        b"SEP=;;;;\n" + table("dinas,staf,101,Budi").replace(b",", b";"),
        b"sep=\t\n" + table("dinas,staf,101,Budi").replace(b",", b"\t"),
        b"sep=|\n" + table("dinas,staf,101,Budi").replace(b",", b"|"),
    ],
    ids=[
        *("plain", "bom", "semicolons", "excel", "tabs", "crlf", "quoted", "head", "order", "more", "trailing"),
        *("blank", "sep-excel", "sep-comma", "sep-resaved", "sep-tab", "sep-bar"),
    ],
)
def test_any_spreadsheet_s_way_of_writing_it_works(town: Town, content: bytes) -> None:
    assert town.run(import_roster, content).added == 1
    assert holders(town, "staf") == ["Budi"]


def test_quoted_names_keep_their_commas_and_quotes(town: Town) -> None:
    town.run(import_roster, table('dinas,staf,101,"Budi ""Bud"" Santoso, S.H."'))
    assert holders(town, "staf") == ['Budi "Bud" Santoso, S.H.']


def test_a_second_import_of_the_same_table_changes_nothing(town: Town) -> None:
    content = table("dinas,staf,101,Budi", "dinas,kasubag,102,Ani")
    town.run(import_roster, content)
    before = town.dump()
    assert town.run(import_roster, content) == Imported(0, 0, unchanged=2, links=())
    assert town.dump() == before


def test_names_are_corrected_and_nobody_is_ever_removed(staffed: Town) -> None:
    sinta = staffed.ids["Sinta"]
    done = staffed.run(import_roster, table(f"dinas,staf,{sinta},Sinta Dewi"))
    assert done == Imported(added=0, renamed=1, unchanged=0, links=())
    assert holders(staffed, "staf") == ["Sinta Dewi"]
    assert len([row for row in staffed.rows(HoldingRow) if row.until is None]) == len(STAFF)


def test_a_person_on_two_posts_in_one_table_is_one_person(town: Town) -> None:
    town.run(import_roster, table("dinas,staf,101,Budi", "dinas,bendahara,101,Budi"))
    assert len(town.rows(PersonRow)) == 1


def test_who_is_imported_onto_a_waiting_task_gets_its_card(staffed: Town) -> None:
    staffed.leaves("Sinta", "staf")
    case = staffed.starts()
    staffed.stranger("Budi")
    staffed.run(import_roster, table(f"dinas,staf,{staffed.ids['Budi']},Budi"))
    assert set(staffed.cards(case)) == {"Budi"}


def test_what_was_exported_can_be_imported(staffed: Town) -> None:
    exported = staffed.run(export_roster)
    assert exported.splitlines()[0] == HEAD
    assert len(exported.splitlines()) == 1 + len(STAFF)
    assert staffed.run(import_roster, exported.encode()) == Imported(0, 0, len(STAFF), ())


def test_who_has_left_is_not_exported(staffed: Town) -> None:
    staffed.leaves("Sinta", "staf")
    assert "Sinta" not in staffed.run(export_roster)


# --- invitations ----------------------------------------------------------------------------


def test_a_row_without_an_id_makes_an_invitation_to_the_post_in_that_name(town: Town) -> None:
    done = town.run(import_roster, table("dinas,staf,,Budi Santoso", "dinas,kasubag,102,Ani"))
    ((entry, code),) = done.links
    assert (entry.line, entry.office, entry.post, entry.name) == (2, "dinas", "staf", "Budi Santoso")
    town.stranger("budi88")
    town.do("budi88", accept, code)
    assert holders(town, "staf") == ["Budi Santoso"]
    assert town.run(import_roster, table("dinas,staf,,Budi Santoso")).links == ()


def test_without_the_bot_s_name_a_row_that_needs_a_link_is_a_bad_row(staffed: Town) -> None:
    lines = refused(staffed, table("dinas,staf,,Budi", "dinas,kasubag,102,Ani"), may_invite=False)
    assert len(lines) == 1
    assert "baris 2" in lines[0]
    assert staffed.run(import_roster, table("dinas,staf,,Sinta"), may_invite=False).links == ()


# --- posts that no file serves any more ------------------------------------------------------


def without_the_files(town: Town) -> Town:
    """Let the files of the first office be gone."""
    town.library = library(BADAN_PK)
    return town


def test_an_empty_post_of_a_running_case_is_filled_though_its_file_is_gone(staffed: Town) -> None:
    case = staffed.starts()
    staffed.leaves("Sinta", "staf")
    without_the_files(staffed)
    staffed.stranger("Budi")
    staffed.run(import_roster, table(f"dinas,staf,{staffed.ids['Budi']},Budi"))
    staffed.do("Budi", complete_task, staffed.task(case).id)
    staffed.holds(case, 2)


def test_a_post_that_a_file_renamed_stays_as_long_as_a_case_needs_it(staffed: Town) -> None:
    renamed = replace(
        PK,
        posts=(*PK.posts[:-1], Post("pelaksana", "Pelaksana", "kasubag")),
        steps=(replace(PK.steps[0], posts=("pelaksana",)), *PK.steps[1:]),
    )
    staffed.starts()
    staffed.library = library(renamed, BADAN_PK)
    staffed.run(publish)
    posts = ["kepala", "sekretaris", "kasubag", "bendahara", "pelaksana", "staf", SECRETARIAT]
    assert staffed.run(posts_of_office, "dinas") == posts


def test_without_file_and_running_case_only_the_sekretariat_is_left_to_fill(staffed: Town) -> None:
    staffed.finish(staffed.starts())
    without_the_files(staffed)
    assert staffed.run(posts_of_office, "dinas") == [SECRETARIAT]
    (line,) = refused(staffed, table("dinas,staf,101,Budi"))
    assert "staf" in line
    assert staffed.run(import_roster, table("dinas,sekretariat,101,Budi")).added == 1


def test_undang_offers_the_posts_of_a_running_case_whose_file_is_gone(staffed: Town) -> None:
    staffed.starts()
    without_the_files(staffed)
    staffed.says("Sari", "/undang")
    assert ["dinas", "staf"] in staffed.question().about["options"]


def test_an_invitation_link_is_made_for_an_office_whose_file_is_gone(staffed: Town) -> None:
    staffed.starts()
    without_the_files(staffed)
    words, link = staffed.run(new_link, "dinas", "staf", "sop_bot")
    assert "Dinas Pariwisata" in words
    staffed.stranger("Budi")
    staffed.do("Budi", accept, link.partition("start=")[2])
    assert holders(staffed, "staf") == ["Sinta", "Budi"]


@pytest.mark.parametrize("office", ["entah", "", "\udcff"])
def test_an_office_that_nobody_knows_is_refused_with_those_that_are_known(staffed: Town, office: str) -> None:
    without_the_files(staffed)
    with pytest.raises(Refused, match="badan, dinas"):
        staffed.run(new_link, office, "staf", "sop_bot")
    if office == "entah":
        assert "badan, dinas" in refused(staffed, table(f"{office},staf,101,Budi"))[0]


def test_the_sekretariat_of_an_office_whose_file_is_gone_hears_at_its_own_opening(staffed: Town) -> None:
    without_the_files(staffed)
    staffed.run(lambda work: setattr(work.session.get_one(OfficeRow, "dinas"), "zone", "WIT"))
    staffed.at = wib(9, 21)
    mark = staffed.mark()
    staffed.run(mark_unreachable, staffed.person_id("Sinta"))
    (row,) = staffed.queued(mark)
    assert (row.to, row.not_before) == ("Sari", wib(10, 5, 30))


# --- what is refused ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("entah,staf,101,Budi", "entah"),
        (",staf,101,Budi", "instansi"),
        ("dinas,bupati,101,Budi", "bupati"),
        ("dinas,,101,Budi", "jabatan"),
        ("badan,kasubag,101,Budi", "kasubag"),
        ("dinas,staf,@budi,Budi", "@budi"),
        ("dinas,staf,12a,Budi", "12a"),
        ("dinas,staf,0,Budi", "0"),
        ("dinas,staf,-5,Budi", "-5"),
        ("dinas,staf,1.5E+09,Budi", "1.5E+09"),
        ("dinas,staf,٣٤٥,Budi", "٣٤٥"),
        ("dinas,staf,4503599627370496,Budi", "4503599627370496"),
        (f"dinas,staf,{'9' * 5000},Budi", "999"),
        ("dinas,staf,101,", "nama"),
        (f"dinas,staf,101,{'B' * 81}", "nama"),
        ("dinas,staf,101,Bu\u202edi", "nama"),
        ("dinas,staf,101,Budi,lebih,banyak", "kolom"),
    ],
)
def test_a_bad_row_is_named_with_its_fault_and_nothing_is_imported(town: Town, row: str, words: str) -> None:
    lines = refused(town, table("dinas,kepala,100,Kemal", row))
    assert len(lines) == 1
    assert "baris 3" in lines[0]
    assert words in lines[0]


def test_every_bad_row_is_named_in_order(town: Town) -> None:
    rows = [
        "dinas,staf,101,Budi",
        "dinas,staf,102,Ani,lebih",
        "entah,staf,abc,",
        "dinas,kasubag,103,Cici",
        "dinas,bupati,104,Dodo",
    ]
    lines = refused(town, table(*rows))
    assert [line.split(":")[0] for line in lines] == ["baris 3", "baris 4", "baris 4", "baris 4", "baris 6"]


@pytest.mark.parametrize("first", [b"", b"sep=,\n"], ids=["plain", "sep"])
def test_a_row_of_several_lines_is_named_by_its_first(town: Town, first: bytes) -> None:
    lines = refused(town, first + table('dinas,staf,101,"Bu\ndi\nlagi"', "entah,staf,102,Ani", 'dinas,staf,103,"x\n\n'))
    assert [line.split(":")[0] for line in lines] == [f"baris {6 + len(first.splitlines())}"]
    lines = refused(town, first + table('dinas,staf,101,"Bu\ndi\nlagi"', "entah,staf,102,Ani"))
    assert [line.split(":")[0] for line in lines] == [f"baris {n + len(first.splitlines())}" for n in (2, 5)]


def test_a_duplicate_names_the_row_it_repeats(town: Town) -> None:
    lines = refused(town, table("dinas,staf,101,Budi", "dinas,kasubag,101,Budi", "dinas,staf,101,Budi"))
    assert len(lines) == 1
    assert lines[0].startswith("baris 4")
    assert "baris 2" in lines[0]


def test_one_id_with_two_names_is_refused(town: Town) -> None:
    lines = refused(town, table("dinas,staf,101,Budi", "dinas,kasubag,101,Boedi"))
    assert len(lines) == 1
    assert lines[0].startswith("baris 3")


def test_one_person_without_id_twice_on_a_post_is_a_duplicate(town: Town) -> None:
    lines = refused(town, table("dinas,staf,,Budi", "dinas,staf,,Budi"))
    assert [line.split(":")[0] for line in lines] == ["baris 3"]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "tidak berisi"),
        (b"\n\n", "tidak berisi"),
        (HEAD.encode(), "tidak berisi"),
        (b"instansi,jabatan,nama\ndinas,staf,Budi", "telegram_id"),
        (b"Budi,Ani\n1,2", "instansi"),
        (b"instansi,jabatan,telegram_id,nama,nama\ndinas,staf,1,a,b", "berulang"),
        (table('dinas,staf,101,"Budi'), "kutip"),
        (table("dinas,staf,101,Jos\u00e9").decode().encode("latin-1"), "UTF-8"),
        (table("dinas,staf,101,Budi").decode().encode("utf-16"), "UTF-8"),
        (table("dinas,staf,101,Bu\x00di"), "UTF-8"),
        (b"PK\x03\x04\x14\x00\x06\x00\x08\x00", ""),
        (table(*["dinas,staf,101,Budi"] * 60_000), "1 MB"),
    ],
    ids=["none", "blank", "head", "no-column", "no-head", "twice", "quote", "latin-1", "utf-16", "nul", "xlsx", "huge"],
)
def test_a_file_that_is_no_such_table_is_refused_with_the_reason(town: Town, content: bytes, words: str) -> None:
    lines = refused(town, content)
    assert words in "\n".join(lines)


def test_a_crash_halfway_through_imports_nothing(town: Town) -> None:
    class Crash(Exception):  # noqa: N818 - what a machine does
        pass

    def crashing(work: Work) -> None:
        import_roster(work, table("dinas,staf,101,Budi", "dinas,kasubag,,Ani"))
        raise Crash

    before = town.dump()
    with pytest.raises(Crash):
        town.run(crashing)
    assert town.dump() == before
    assert town.rows(InvitationRow) == []
