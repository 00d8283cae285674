"""The office looks at visits: one press for one or for many, a reason to send one back; each version is decided once."""

from __future__ import annotations

import concurrent.futures
import json

import pytest

from tests.handlers.test_visits import FAR, NGAGLIK, STEPS, reports
from tests.world import PHOTO, World


@pytest.fixture
def office(world: World) -> World:
    world.arrives("budi")
    world.makes_volunteer("budi")
    world.employs("dewi")
    world.employs("andi", "Andi", "officer")
    return world


def states(office: World) -> dict[str, str]:
    return dict(tuple(row) for row in office.rows("SELECT code, state FROM visits"))


def test_an_officer_opens_a_visit_with_its_photos_and_approves_by_one_press(office: World) -> None:
    code = reports(office)
    office.says("budi", media=(PHOTO,))
    office.presses("budi", code)
    office.says("dewi", "tinjau")
    office.presses("dewi", code)
    shown = office.last("dewi")
    assert "aktivasi IKD" in shown.text
    assert "Budi" in shown.text
    assert len(shown.media) == 1
    office.picks("dewi", "approve")
    assert states(office) == {code: "approved"}
    assert code in office.last("budi").text
    events = [tuple(row) for row in office.rows("SELECT action, version FROM visit_events ORDER BY id")]
    assert events == [("send", 1), ("photos", 2), ("approve", 2)]


def test_sent_back_changed_and_approved(office: World) -> None:
    code = reports(office)
    office.says("dewi", f"review {code}")
    office.picks("dewi", "send_back")
    office.says("dewi", "Siapa saja yang belum berhasil?")
    assert states(office) == {code: "sent_back"}
    assert "Siapa saja" in office.last("budi").text
    office.presses("budi", "Ubah")
    for text in ("7", "10 berhasil, 2 belum punya email", "ya"):
        office.says("budi", text)
    assert states(office) == {code: "resubmitted"}
    office.says("andi", "tinjau")
    office.presses("andi", code)
    assert "belum punya email" in office.last("andi").text
    assert "Siapa saja" in office.last("andi").text, "what was asked is in the history"
    office.picks("andi", "approve")
    assert states(office) == {code: "approved"}
    actions = [row[0] for row in office.rows("SELECT action FROM visit_events ORDER BY id")]
    assert actions == ["send", "send_back", "amend", "approve"]


def test_many_are_approved_at_once_and_the_doubtful_ones_are_not_among_them(office: World) -> None:
    codes = [reports(office, people=str(number)) for number in (10, 11, 12)]
    for text in STEPS[:3]:
        office.says("budi", text)
    office.says("budi", location=FAR)
    office.picks("budi", NGAGLIK)
    for text in (*STEPS[4:], "ya"):
        office.says("budi", text)
    office.says("dewi", "tinjau")
    office.presses("dewi", "Setujui semua (3)")
    assert {code: states(office)[code] for code in codes} == dict.fromkeys(codes, "approved")
    assert sorted(states(office).values()) == ["approved", "approved", "approved", "received"]
    told = office.last("budi").text
    assert all(code in told for code in codes), "one message for all three"


def test_what_changed_after_it_was_shown_is_not_approved_unseen(office: World) -> None:
    code = reports(office)
    office.says("dewi", f"review {code}")
    for text in (f"ubah {code}", "5", "20", "ya"):
        office.says("budi", text)
    office.picks("dewi", "approve")
    assert states(office) == {code: "received"}
    assert "sudah berubah" in office.last("dewi").text


def test_of_two_officers_at_the_same_moment_exactly_one_decides(office: World) -> None:
    code = reports(office)
    data = {}
    for who in ("dewi", "andi"):
        office.says(who, f"review {code}")
        data[who] = next(b.data for b in office.last(who).buttons if b.data.endswith("|approve"))
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        said = list(pool.map(lambda who: office.says(who, choice=data[who]), data))
    assert sorted("sudah diputuskan" in text for text in said) == [False, True]
    assert office.value("SELECT count(*) FROM visit_events WHERE action = 'approve'") == 1


def test_an_approved_visit_takes_photos_but_no_other_change(office: World) -> None:
    code = reports(office)
    office.says("dewi", f"review {code}")
    office.picks("dewi", "approve")
    assert "sudah disetujui" in office.says("budi", f"ubah {code}")
    office.says("budi", media=(PHOTO,))
    office.presses("budi", code)
    assert states(office) == {code: "approved"}
    assert len(json.loads(office.value("SELECT answers FROM visits"))["photos"]) == 1


def test_nobody_approves_a_visit_of_their_own(office: World) -> None:
    office.makes_volunteer("andi") if office.person("andi").consent else office.arrives("andi")
    code = reports(office, "andi")
    assert "rekan" in office.says("andi", f"review {code}")
    other = reports(office, people="13")
    office.says("andi", "tinjau")
    assert "rekan" in office.presses("andi", "Setujui semua")
    assert states(office) == {code: "received", other: "received"}


@pytest.mark.parametrize("who", ["sri", "budi", "rini"])
def test_nobody_but_the_office_looks_or_decides(office: World, who: str) -> None:
    code = reports(office)
    office.arrives("sri")
    office.employs("rini", "Rini", "village", NGAGLIK)
    for forged in ("tinjau", f"!review {code}"):
        said = office.says(who, choice=forged) if forged.startswith("!") else office.says(who, forged)
        assert "Hanya petugas" in said
    assert states(office) == {code: "received"}
    denied = [tuple(row) for row in office.rows("SELECT action, allowed FROM audit WHERE allowed = :no", no=False)]
    assert denied == [("visits", False), ("review", False)]


def test_an_officer_who_was_let_go_meanwhile_decides_nothing(office: World) -> None:
    code = reports(office)
    office.says("andi", f"review {code}")
    with office.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE staff SET active = false WHERE name = 'Andi'")
    office.picks("andi", "approve")
    assert states(office) == {code: "received"}


def test_a_press_twice_is_one_decision(office: World) -> None:
    code = reports(office)
    office.says("dewi", f"review {code}")
    press = next(b.data for b in office.last("dewi").buttons if b.data.endswith("|approve"))
    office.says("dewi", choice=press)
    office.says("dewi", choice=press)
    assert office.value("SELECT count(*) FROM visit_events WHERE action = 'approve'") == 1
    assert states(office) == {code: "approved"}
