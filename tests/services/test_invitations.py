"""Invitations: one link, one person, seven days, and nothing in the database that opens anything."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.notices import InvitationAccepted, InvitationLink, InvitationRefused
from bot.messages.actions import Action, Verb
from bot.services.forget import forget
from bot.services.holdings import remove_holding
from bot.services.invitations import VALID_FOR, accept, bot_username, code_of, invite, new_invitation
from bot.services.keyring import Keyring
from bot.services.updates import register_bot
from bot.services.work import Refusal
from bot.store import queries
from bot.store.tables import InvitationRow, OutboxRow, PersonRow
from tests.services.conftest import Town

SECOND = timedelta(seconds=1)


def invited(town: Town, post: str = "staf", office: str = "dinas", by: str = "Sari") -> str:
    """Return the code of a fresh invitation."""
    notice = town.do(by, invite, office, post)
    assert isinstance(notice, InvitationLink)
    return told(town, notice.invitation_id)


def told(town: Town, invitation_id: int) -> str:
    """Return the code that the link of an invitation holds."""
    code = town.run(lambda work: code_of(work, work.session.get_one(InvitationRow, invitation_id)))
    assert code
    return code


def test_a_stranger_takes_the_post_and_the_sekretariat_hears_who_with_a_cabut_button(staffed: Town) -> None:
    code = invited(staffed)
    staffed.stranger("Bowo")
    staffed.says("Bowo", f"/start {code}")
    mail = {item.to: item for item in staffed.deliver()}
    assert set(mail) == {"Bowo", "Sari"}
    assert "Staf" in mail["Bowo"].text
    assert "Bowo" in mail["Sari"].text
    assert mail["Sari"].buttons == (Action(Verb.REMOVE, staffed.holding("Bowo", "staf")).data(),)


def test_the_other_office_s_sekretariat_hears_nothing(staffed: Town) -> None:
    staffed.stranger("Bowo")
    mark = staffed.mark()
    staffed.do("Bowo", accept, invited(staffed))
    assert {row.to for row in staffed.queued(mark)} == {"Sari"}


def test_who_takes_a_post_gets_the_cards_that_wait_there(staffed: Town) -> None:
    staffed.leaves("Sinta", "staf")
    case = staffed.starts()
    staffed.deliver()
    code = invited(staffed)
    staffed.stranger("Bowo")
    staffed.says("Bowo", f"/start {code}")
    cards = [mail for mail in staffed.deliver() if mail.to == "Bowo"]
    assert len(cards) == 2
    assert staffed.case(case).code in "".join(mail.text for mail in cards)


# --- once, and in time ----------------------------------------------------------------------


def test_a_code_works_once(staffed: Town) -> None:
    code = invited(staffed)
    for who in ("Bowo", "Tini"):
        staffed.stranger(who)
    staffed.do("Bowo", accept, code)
    assert staffed.refused("Tini", accept, code) == InvitationRefused("used")
    assert staffed.refused("Bowo", accept, code) == InvitationRefused("used")


@pytest.mark.parametrize(("after", "works"), [(VALID_FOR - SECOND, True), (VALID_FOR, False)])
def test_a_code_works_for_seven_days(staffed: Town, after: timedelta, works: bool) -> None:
    code = invited(staffed)
    staffed.stranger("Bowo")
    staffed.at += after
    if works:
        assert isinstance(staffed.do("Bowo", accept, code), InvitationAccepted)
    else:
        assert staffed.refused("Bowo", accept, code) == InvitationRefused("expired")


@pytest.mark.parametrize("post", ["sekretariat", "staf"])
@pytest.mark.parametrize("who", ["Dewi", "Bowo"])
def test_an_invitation_ends_with_the_right_of_whoever_made_it(staffed: Town, who: str, post: str) -> None:
    staffed.joins("Dewi", "sekretariat")
    staffed.joins("Dewi", "sekretariat", office="badan")  # which says nothing about this office
    staffed.stranger("Bowo")
    code = invited(staffed, post, by="Dewi")
    staffed.leaves("Dewi", "sekretariat")
    staffed.at += timedelta(days=3)
    assert staffed.refused(who, accept, code) == InvitationRefused("expired")


def test_a_forgotten_sekretariat_s_invitation_ends_as_well(staffed: Town) -> None:
    dewi = staffed.joins("Dewi", "sekretariat")
    staffed.stranger("Bowo")
    code = invited(staffed, by="Dewi")
    staffed.run(forget, dewi)
    assert staffed.refused("Bowo", accept, code) == InvitationRefused("expired")


def test_an_administrator_s_invitation_works_for_as_long_as_they_are_one(staffed: Town) -> None:
    staffed.stranger("Bowo")
    staffed.library = replace(staffed.library, admin_ids=frozenset({staffed.stranger("Adi")}))
    code = invited(staffed, by="Adi")
    former = replace(staffed.library, admin_ids=frozenset())
    staffed.library, present = former, staffed.library
    assert staffed.refused("Bowo", accept, code) == InvitationRefused("expired")
    staffed.library = present
    assert isinstance(staffed.do("Bowo", accept, code), InvitationAccepted)


def test_a_removal_under_way_is_waited_for(staffed: Town) -> None:
    staffed.joins("Dewi", "sekretariat")
    code = invited(staffed, "sekretariat", by="Dewi")
    removal = staffed.as_("Sari", remove_holding, staffed.holding("Dewi", "sekretariat"))
    [result] = staffed.meanwhile(removal, staffed.as_("Dewi", accept, code))
    assert isinstance(result, Refusal)
    assert result.notice == InvitationRefused("expired")


@pytest.mark.parametrize("junk", ["x", "A" * 24, "kode palsu", "<b>", "\ud800", "😀" * 40, "' OR 1=1 --", "%"])
def test_a_junk_code_is_unknown_and_leaves_nobody_behind(staffed: Town, junk: str) -> None:
    staffed.stranger("Bowo")
    assert staffed.refused("Bowo", accept, junk) == InvitationRefused("unknown")
    assert [row for row in staffed.rows(PersonRow) if row.name == "Bowo"] == []


def test_of_two_who_use_one_link_at_once_one_gets_the_post(staffed: Town) -> None:
    code = invited(staffed)
    for who in ("Bowo", "Tini"):
        staffed.stranger(who)
    results = staffed.run_at_once(*(staffed.as_(who, accept, code) for who in ("Bowo", "Tini")))
    assert sum(isinstance(result, InvitationAccepted) for result in results) == 1
    refusals = [result.notice for result in results if isinstance(result, Refusal)]
    assert refusals == [InvitationRefused("used")]
    holders = staffed.store.run_now(queries.holders_of, "dinas", ["staf"], staffed.at)
    assert len(holders) == 2  # Sinta, and whoever was first


def test_who_holds_the_post_already_does_not_use_the_invitation_up(staffed: Town) -> None:
    code = invited(staffed)
    before = staffed.dump()
    notice = staffed.do("Sinta", accept, code)
    assert notice == InvitationAccepted(staffed.holding("Sinta", "staf"))
    assert staffed.dump() == before
    staffed.stranger("Bowo")
    assert isinstance(staffed.do("Bowo", accept, code), InvitationAccepted)


def test_a_person_may_hold_several_posts_in_several_offices(staffed: Town) -> None:
    for code in (invited(staffed, "bendahara"), invited(staffed, "kepala", "badan", by="Yosef")):
        staffed.do("Sinta", accept, code)
    held = staffed.store.run_now(queries.holdings_of, staffed.person_id("Sinta"), staffed.at)
    assert [(row.office_id, row.post_id) for row in held] == [
        ("dinas", "staf"),
        ("dinas", "bendahara"),
        ("badan", "kepala"),
    ]


def test_a_name_written_in_the_invitation_is_the_person_s_name(staffed: Town) -> None:
    code = staffed.run(lambda work: new_invitation(work, "dinas", "staf", name="Drs. Bowo Santoso")[1])
    staffed.stranger("bowo88")
    staffed.do("bowo88", accept, code)
    assert staffed.rows(PersonRow)[-1].name == "Drs. Bowo Santoso"


# --- secrets --------------------------------------------------------------------------------


def test_nothing_that_opens_a_post_is_stored_not_even_until_the_link_is_sent(staffed: Town) -> None:
    staffed.says("Sari", "/undang")
    staffed.presses("Sari", Action(Verb.PICK, staffed.question().id, 0).data())
    waiting = staffed.dump()
    link = next(mail for mail in staffed.deliver() if "?start=" in mail.text)
    code = link.text.split("?start=")[1].split()[0].split('"')[0].split("<")[0]
    staffed.stranger("Bowo")
    assert code not in repr(waiting) + repr(staffed.dump())
    assert code == told(staffed, staffed.rows(InvitationRow)[-1].id)
    assert isinstance(staffed.do("Bowo", accept, code), InvitationAccepted)


def test_a_new_token_leaves_issued_codes_valid_and_can_tell_none_of_them(staffed: Town) -> None:
    code = invited(staffed)
    staffed.library = replace(staffed.library, keyring=Keyring.of_token("987654321:another"))
    [row] = staffed.rows(InvitationRow)
    assert staffed.run(lambda work: code_of(work, work.session.get_one(InvitationRow, row.id))) is None
    staffed.stranger("Bowo")
    assert isinstance(staffed.do("Bowo", accept, code), InvitationAccepted)


def test_every_process_with_the_same_token_makes_the_same_code_and_no_other_does() -> None:
    first, second, other = (Keyring.of_token(f"1:{secret}") for secret in ("a" * 35, "a" * 35, "b" * 35))
    assert first.code("nonce") == second.code("nonce") != other.code("nonce")
    assert Keyring.passing().code("nonce") != Keyring.passing().code("nonce")
    assert "aaa" not in repr(first)


def test_a_link_is_not_sent_once_it_was_used(staffed: Town) -> None:
    staffed.says("Sari", "/undang")
    staffed.presses("Sari", Action(Verb.PICK, staffed.question().id, 0).data())
    row = next(row for row in staffed.rows(OutboxRow) if row.notice == "InvitationLink")
    staffed.stranger("Bowo")
    staffed.do("Bowo", accept, told(staffed, row.data["invitation_id"]))
    assert [mail for mail in staffed.deliver() if "?start=" in mail.text] == []


def test_codes_are_long_and_different(staffed: Town) -> None:
    codes = {invited(staffed) for _ in range(20)}
    assert len(codes) == 20
    assert {len(code) for code in codes} == {24}


def test_links_are_made_of_the_bot_that_serves_now(staffed: Town) -> None:
    assert staffed.run(bot_username) == "sop_bot"
    staffed.run(register_bot, 987654322, "sop_baru_bot")
    staffed.run(register_bot, 987654322, "sop_lebih_baru_bot")
    assert staffed.run(bot_username) == "sop_lebih_baru_bot"


def test_undang_offers_every_post_and_the_sekretariat_of_one_s_own_office(staffed: Town) -> None:
    staffed.says("Sari", "/undang")
    assert staffed.question().about["options"] == [
        ["dinas", post] for post in ("kepala", "sekretaris", "kasubag", "bendahara", "staf", "sekretariat")
    ]
    assert staffed.rows(InvitationRow) == []
