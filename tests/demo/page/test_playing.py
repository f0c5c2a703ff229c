"""Every official is played on the page, and nothing a visitor sends breaks it or is half done."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from bot.demo.page.words import word

if TYPE_CHECKING:
    from tests.demo.page.conftest import Json, Site

SEKRETARIAT, KASUBAG, KEPALA = "sekretariat", "kasubag", "kepala_dinas"
PICTURE = b"\x89PNG\r\n\x1a\n" + bytes(32)


def test_the_scene_names_sops_officials_their_menus_and_the_office_clock(site: Site) -> None:
    scene = site.scene()
    assert [sop["id"] for sop in scene["sops"]] == [
        "badan-pk",
        "dinas-iku",
        "dinas-lkj",
        "dinas-pk",
        "dinas-rka",
        "unit-pk",
    ]
    assert scene["sop"]["office"] == "Dinas Arsip"
    assert scene["sop"]["opening"] == "/mulai dinas-pk Penyusunan Perjanjian Kinerja 2026"
    assert [official["title"] for official in scene["officials"]] == ["Sekretariat", "Kepala Dinas", "Kasubag Program"]
    assert set(scene["chats"]) == {str(official["person"]) for official in scene["officials"]}
    assert re.fullmatch(r"\w+, \d+ \w+ \d\d\.\d\d WIB", scene["clock"]["text"])
    menus = {official["post"]: {each["command"] for each in official["commands"]} for official in scene["officials"]}
    assert "undang" in menus[SEKRETARIAT]
    assert "undang" not in menus[KASUBAG]
    assert menus[KASUBAG] >= {"tugas", "selesai"}


def test_a_press_moves_the_case_to_the_next_official_and_shows_its_notice_once(site: Site) -> None:
    kasubag, kepala = site.person(KASUBAG), site.person(KEPALA)
    with site.listens() as ears:
        site.says(SEKRETARIAT, "/mulai dinas-pk Renja Pindah")
        card = ears.sees(kasubag, "Renja Pindah")
        site.presses(KASUBAG, card, "Selesai")
        ears.sees(kepala, "Renja Pindah")
        ears.until(lambda known: bool(known.toasts) and known.messages[kasubag][card["id"]]["edited"])
    assert len(ears.toasts) == 1
    assert all(chat["toast"] is None for chat in site.scene()["chats"].values())


def test_whose_turn_it_is_goes_from_official_to_official(site: Site) -> None:
    site.sop = "unit-pk"
    kasubag = site.person(KASUBAG)

    def waiting(known: Json) -> set[str]:
        return {official["post"] for official in known["officials"] if official["waiting"]}

    with site.listens() as ears:
        ears.until(lambda ears: "officials" in ears.known)
        assert waiting(ears.known) == set()
        site.says(SEKRETARIAT, "/mulai unit-pk Renja Giliran")
        card = ears.sees(kasubag, "Renja Giliran")
        ears.until(lambda ears: waiting(ears.known) == {KASUBAG})
        site.presses(KASUBAG, card, "Selesai")
        ears.until(lambda ears: waiting(ears.known) == {KEPALA})


def test_a_question_is_answered_by_replying_to_it(site: Site) -> None:
    kasubag, kepala = site.person(KASUBAG), site.person(KEPALA)
    with site.listens() as ears:
        site.says(SEKRETARIAT, "/mulai dinas-pk Renja Ditolak")
        site.presses(KASUBAG, ears.sees(kasubag, "Renja Ditolak"), "Selesai")
        site.presses(KEPALA, ears.sees(kepala, "Renja Ditolak"), "Tolak")
        question = ears.sees(kepala, "alasan")
        assert question["force_reply"]
        site.says(KEPALA, "Target belum diisi", reply_to=question["id"])
        ears.sees(kasubag, "Target belum diisi")
        own = [each for each in ears.messages[kepala].values() if each["text"] == "Target belum diisi"]
    assert own[0]["reply_to"] == question["id"]


def test_offices_have_different_people_and_sops_of_one_office_the_same(site: Site) -> None:
    plan, report, other = (
        {o["person"] for o in site.scene(sop)["officials"]} for sop in ("dinas-pk", "dinas-lkj", "badan-pk")
    )
    assert plan == report
    assert plan.isdisjoint(other)


def test_what_is_typed_is_shown_as_typed(site: Site) -> None:
    typed = "<script>alert(1)</script> & {{ 7*7 }} \u202egnp.exe #{} \"'"
    kepala = site.person(KEPALA)
    site.says(KEPALA, typed)
    shown = next(each for each in site.scene()["chats"][str(kepala)]["messages"] if "gnp.exe" in each["text"])
    assert shown["text"] == typed
    assert "<script" not in shown["html"]


# --- files ----------------------------------------------------------------------------------


def test_a_sent_picture_is_shown_and_anything_else_is_only_kept(site: Site) -> None:
    kasubag = site.person(KASUBAG)
    given = {"sop": site.sop, "person": str(kasubag), "caption": "bukti"}
    photo = {"file": ("foto.png", PICTURE, "image/png")}
    page = {"file": ("naskah\r\nX: 1.html", b"<script>alert(1)</script>", "text/html")}
    assert site.http.post("/page/file", data=given | {"kind": "photo"}, files=photo).json() == {"ok": True}
    assert site.http.post("/page/file", data=given, files=page).json() == {"ok": True}
    sent = [each["file"] for each in site.scene()["chats"][str(kasubag)]["messages"] if each["file"]]
    shown, kept = (site.http.get(f"/page/files/{file['id']}") for file in sent[-2:])
    assert (shown.content, shown.headers["content-type"]) == (PICTURE, "image/png")
    assert shown.headers["content-disposition"].startswith("inline")
    assert kept.headers["content-type"] == "application/octet-stream"
    assert kept.headers["content-disposition"].startswith("attachment")
    assert {answer.headers["x-content-type-options"] for answer in (shown, kept)} == {"nosniff"}


@pytest.mark.parametrize(
    ("fields", "file", "status", "words"),
    [
        ({}, None, 400, "belum dipilih"),
        ({}, b"", 400, "kosong"),
        ({"kind": "photo"}, b"%PDF-1.4", 400, "bukan gambar"),
        ({"kind": "suara"}, b"x", 400, "“suara” tidak dikenal"),
        ({"caption": "x" * 1025}, b"x", 400, "1024"),
        ({"person": "7"}, b"x", 404, "“7” tidak ada"),
        ({"reply_to": "99999"}, b"x", 409, "dibalas sudah tidak ada"),
        ({}, bytes(20 * 1024 * 1024 + 1), 413, "paling banyak 20 MB"),
    ],
)
def test_a_file_that_cannot_be_sent_is_refused_with_a_sentence(
    site: Site, fields: dict[str, str], file: bytes | None, status: int, words: str
) -> None:
    given = {"sop": site.sop, "person": str(site.person(KASUBAG))} | fields
    files = {"file": ("berkas", file)} if file is not None else {"lain": ("x", b"x")}
    before = site.at_rest()["chats"]
    answer = site.http.post("/page/file", data=given, files=files)
    assert (answer.status_code, words in answer.json()["error"]) == (status, True), answer.text
    assert site.scene()["chats"] == before


# --- hostile and clumsy ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("what", "asked", "status", "words"),
    [
        ("say", {"person": 1, "text": "halo"}, 404, "“1” tidak ada"),
        ("say", {"person": "x" * 999, "text": "halo"}, 404, "…” tidak ada"),
        ("say", {"person": True, "text": "halo"}, 404, "tidak ada"),
        ("say", {"text": "halo"}, 404, "Pilih pejabat"),
        ("say", {"person": KEPALA, "text": " \n "}, 400, "masih kosong"),
        ("say", {"person": KEPALA, "text": ["halo"]}, 400, "masih kosong"),
        ("say", {"person": KEPALA, "text": "x" * 4097}, 400, "4096"),
        ("say", {"person": KEPALA, "text": "😀" * 2049}, 400, "4096"),
        ("say", {"person": KEPALA, "text": "halo", "reply_to": 99999}, 409, "dibalas sudah tidak ada"),
        ("say", {"sop": "<b>", "person": KEPALA, "text": "halo"}, 404, "SOP “<b>” tidak ada"),
        ("press", {"person": KEPALA, "message": 2, "button": "1:hack:1"}, 409, "sudah tidak ada"),
        ("press", {"person": KEPALA, "message": 10**40, "button": "x"}, 409, "sudah tidak ada"),
        ("press", {"person": KEPALA, "message": "2", "button": None}, 409, "sudah tidak ada"),
        ("clock", {"jump": "year"}, 400, "“year” tidak dikenal"),
        ("clock", {}, 400, "tidak dikenal"),
        ("clock", {"speed": 61}, 400, "“61” tidak dikenal"),
        ("clock", {"speed": True}, 400, "tidak dikenal"),
        ("tour", {"action": "rewind"}, 400, "“rewind” tidak dikenal"),
        ("reset", {"sop": "x"}, 404, "SOP “x” tidak ada"),
        ("app", {"person": KEPALA}, 409, "Tidak ada aplikasi"),
    ],
)
def test_what_cannot_be_is_answered_with_a_sentence_and_changes_nothing(
    site: Site, what: str, asked: dict[str, object], status: int, words: str
) -> None:
    if asked.get("person") == KEPALA:
        asked = asked | {"person": site.person(KEPALA)}
    before = site.at_rest()
    answer = site.does(what, **asked)
    assert (answer.status_code, words in answer.json()["error"]) == (status, True), answer.text
    after = site.scene()
    assert all(after[part] == before[part] for part in ("chats", "clock", "tour", "epoch", "officials"))


@pytest.mark.parametrize(
    ("body", "kind", "status", "key"),
    [
        (b"{junk\xff\x00", "application/json", 400, "unreadable"),
        (b'{"text": "\\ud800"}', "application/json", 400, "unreadable"),
        (b"[1]", "application/json", 400, "unreadable"),
        (b"[" * 60_000, "application/json", 400, "unreadable"),
        (b"", "application/json", 400, "unreadable"),
        (b"sop=dinas-pk&text=halo", "application/x-www-form-urlencoded", 415, "not_json"),
        (b"{}", "text/plain", 415, "not_json"),
    ],
)
def test_junk_instead_of_json_is_refused(site: Site, body: bytes, kind: str, status: int, key: str) -> None:
    answer = site.http.post("/page/say", content=body, headers={"content-type": kind})
    assert (answer.status_code, answer.json()["error"]) == (status, word(f"problem.{key}"))


def test_ten_megabytes_are_read_to_their_end_and_refused(site: Site) -> None:
    body = b'{"text": "' + b"x" * 10_000_000 + b'"}'
    answer = site.http.post("/page/say", content=body, headers={"content-type": "application/json"})
    assert (answer.status_code, "64 kB" in answer.json()["error"]) == (413, True)


@pytest.mark.parametrize("what", ["say", "press", "file", "clock", "tour", "reset", "app"])
def test_what_another_site_sends_is_refused(site: Site, what: str) -> None:
    asked = {"sop": site.sop, "person": site.person(KEPALA), "text": "dari luar", "jump": "hour", "action": "start"}
    before = site.at_rest()
    for origin in ("http://evil.example", "null", "https://127.0.0.1"):
        answer = site.http.post(f"/page/{what}", json=asked, headers={"origin": origin})
        assert (answer.status_code, answer.json()["error"]) == (403, word("problem.foreign"))
    assert site.scene()["chats"] == before["chats"]


def test_another_site_hears_nothing_and_the_page_itself_everything(site: Site) -> None:
    foreign = site.http.get("/page/events", headers={"origin": "http://evil.example"})
    assert foreign.status_code == 403
    own = {"origin": str(site.http.base_url).rstrip("/")}
    asked = {"sop": site.sop, "person": site.person(KEPALA), "text": "dari sini"}
    assert site.http.post("/page/say", json=asked, headers=own).status_code == 200


def test_another_hosts_name_is_refused(site: Site) -> None:
    assert site.http.get("/page/scene", headers={"host": "evil.example"}).status_code == 400


# --- the page's own files -------------------------------------------------------------------


def test_the_shell_may_run_scripts_of_its_own_files_alone(site: Site) -> None:
    shell = site.http.get("/")
    assert shell.status_code == 200
    policy = shell.headers["content-security-policy"]
    assert "default-src 'self'" in policy
    assert "script-src" not in policy
    assert "unsafe" not in policy
    scripts = re.findall(r"<script[^>]*>", shell.text)
    assert scripts
    assert all("src=" in script or 'type="application/json"' in script for script in scripts)


def test_the_shells_files_are_there_and_nothing_beside_them(site: Site) -> None:
    shell = site.http.get("/").text
    named = set(re.findall(r'(?:src|href)="(/static/[^"#]+)', shell))
    assert named
    for name in named:
        answer = site.http.get(name)
        assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-cache"), name
    script = next(name for name in named if name.endswith(".js"))
    assert site.http.get(script).headers["content-type"].startswith("text/javascript")
    for name in ("tidak-ada.js", "..%2froutes.py", "%2e%2e/words.toml", "../words.toml", "", "a%00.js"):
        assert site.http.get(f"/static/{name}").status_code == 404, name
