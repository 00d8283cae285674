"""Volunteers help with requests: offered to all of a village, carried by one, with nobody left out of the picture."""

from __future__ import annotations

import pytest

from flows.periods import period_of
from handlers.recap_figures import scope_of
from storage import recaps
from tests.handlers.test_complaints import complains
from tests.handlers.test_requests import sends_domicile, state_of
from tests.world import PHOTO, World

SALAM, JATEN = "35.05.01.2002", "35.05.01.2001"


@pytest.fixture
def office(world: World) -> World:
    return settled(world)


def settled(world: World) -> World:
    """Sri lives in Salam, where Budi, Siti and Joko are volunteers; Tono is one in Jaten; Dewi is an admin."""
    world.employs("dewi", "Dewi")
    world.arrives("sri")
    for who in ("budi", "siti", "joko", "tono"):
        world.arrives(who)
        world.makes_volunteer(who, JATEN if who == "tono" else SALAM, name=who.capitalize())
    return world


def help_of(world: World, code: str) -> tuple[str, str | None, int]:
    """Say how a request stands: state, who has it, round."""
    rows = world.rows(
        "SELECT helps.state, volunteers.name, helps.round FROM helps JOIN requests ON requests.id = helps.request_id"
        " LEFT JOIN volunteers ON volunteers.contact_id = helps.contact_id WHERE requests.code = :code",
        code=code,
    )
    return tuple(rows[0]) if rows else ("none", None, 0)


def steps_of(world: World, code: str) -> list[str]:
    rows = world.rows(
        "SELECT action FROM request_events JOIN requests ON requests.id = request_events.request_id"
        " WHERE requests.code = :code ORDER BY request_events.id",
        code=code,
    )
    return [action for (action,) in rows]


def denied(world: World) -> list[str]:
    return [action for (action,) in world.rows("SELECT action FROM audit WHERE allowed = :no ORDER BY id", no=False)]


def read_by(world: World, who: str) -> str:
    return "\n".join(message.text for message in world.inboxes.get(who, []))


def takes(world: World, who: str, code: str) -> str:
    return world.says(who, choice=f"!bantu {code}")


def done(world: World) -> list[int | None]:
    """List who has done the requests that count as done with help this year; None for somebody erased."""
    scope = scope_of(world.office, period_of("year", world.office.clock().date()))
    with world.engine.begin() as connection:
        return [contact for _, _, contact in connection.execute(recaps.select_done(scope))]


def opens(world: World, who: str, code: str, action: str, *words: str) -> str:
    """Let a volunteer open their task and do something with it; returns what they read last."""
    world.says(who, f"tugas {code}")
    said = world.picks(who, action)
    for each in words:
        said = world.says(who, each)
    return said


def test_a_request_is_offered_to_the_volunteers_of_its_village_without_a_name(office: World) -> None:
    code = sends_domicile(office)
    assert help_of(office, code) == ("offered", None, 1)
    assert "mungkin dibantu relawan" in office.last("sri").text
    for who in ("budi", "siti", "joko"):
        offer = office.last(who)
        assert code in offer.text
        assert "Desa Salam" in offer.text
        assert "domisili" in offer.text
        assert "Sri" not in offer.text
        assert "sekolah" not in offer.text
        assert [button.data for button in offer.buttons] == [f"!bantu {code}"]
    assert code not in read_by(office, "tono")
    assert office.last("dewi").buttons[0].data == f"!open {code}", "officers get what they always got"


def test_what_is_secret_or_nameless_is_offered_to_nobody(office: World) -> None:
    before = {who: len(office.inboxes[who]) for who in ("budi", "siti", "joko", "tono")}
    complains(office, "sri", "adu_pelayanan", "named")
    complains(office, "sri", "adu_jalan", "anonymous")
    assert office.rows("SELECT * FROM helps") == []
    assert {who: len(office.inboxes[who]) for who in before} == before
    assert "relawan" not in office.last("sri").text
    complains(office, "sri", "adu_jalan", "named")
    assert len(office.rows("SELECT * FROM helps")) == 1


def test_a_volunteers_own_request_goes_to_the_others_only(office: World) -> None:
    code = sends_domicile(office, "budi")
    assert code not in office.last("budi").text or not office.last("budi").buttons[0].data.startswith("!bantu")
    assert code in office.last("siti").text
    assert "permohonan Anda sendiri" in takes(office, "budi", code)
    assert help_of(office, code)[0] == "offered"
    assert denied(office) == ["help take"]


def test_a_request_of_a_village_without_other_volunteers_is_offered_to_nobody(office: World) -> None:
    office.says("tono", "ganti desa")
    office.says("tono", "Jaten Wonodadi")
    code = sends_domicile(office, "tono")
    assert office.value("SELECT village FROM requests") == JATEN
    assert help_of(office, code) == ("none", None, 0)


def test_the_whole_life_of_help(office: World) -> None:
    code = sends_domicile(office)
    seen = office.presses("budi", "Saya bantu")
    assert "sekolah" in seen, "who took it sees what it says"
    assert "Sri Lestari" in seen
    assert help_of(office, code) == ("taken", "Budi", 1)
    assert state_of(office, code) == "checked"
    assert "Relawan Budi membantu Anda" in office.last("sri").text
    assert "Kantor juga tetap" in office.last("sri").text

    office.picks("budi", "progress")
    office.says("budi", "Saya sudah ke balai desa, Bu")
    assert state_of(office, code) == "in_progress"
    assert "balai desa" in office.last("sri").text
    assert "Budi" in office.last("sri").text

    opens(office, "budi", code, "ask", "Mohon foto kartu keluarga, tutup NIK-nya")
    assert state_of(office, code) == "needs_more"
    office.presses("sri", "Jawab")
    office.says("sri", "ini Mas", media=(PHOTO,))
    assert state_of(office, code) == "checked"
    assert "ini Mas" in office.last("budi").text
    assert len(office.last("budi").media) == 1

    office.presses("budi", "Buka")
    office.picks("budi", "done")
    office.says("budi", "Suratnya sudah jadi")
    assert (help_of(office, code), state_of(office, code)) == (("done", "Budi", 1), "ready")

    office.presses("sri", "Belum")
    office.says("sri", "Nama ibu saya belum tercantum")
    assert (help_of(office, code), state_of(office, code)) == (("taken", "Budi", 1), "checked")
    assert "Nama ibu saya belum tercantum" in office.last("budi").text

    office.presses("budi", "Buka")
    office.picks("budi", "done")
    office.picks("budi", "skip")
    office.presses("sri", "Ya")
    assert (help_of(office, code), state_of(office, code)) == (("done", "Budi", 1), "done")
    assert "sudah beres" in office.last("budi").text
    assert steps_of(office, code) == [
        "send", "help_take", "help_progress", "help_ask", "add", "help_done", "reopen", "help_done", "confirm",
    ]  # fmt: skip
    audit = office.rows("SELECT action, allowed FROM audit WHERE action LIKE 'help%' ORDER BY id")
    assert [tuple(row) for row in audit] == [
        (f"help {step}", True) for step in ("take", "progress", "ask", "done", "done")
    ]
    looks = office.value(
        "SELECT count(*) FROM audit WHERE action = 'open' AND actor_id = :id", id=office.person("budi").contact_id
    )
    assert looks == 4, "each look at what a villager wrote is noted"
    history = office.says("sri", code)
    assert "relawan Budi" in history
    assert "Suratnya sudah jadi" in history


def test_everything_reads_in_javanese_too(world: World) -> None:
    world.arrives("sri", "jv")
    world.arrives("budi", "jv")
    world.makes_volunteer("budi", SALAM)
    code = sends_domicile(world)
    assert "Kula biyantu" in world.last("budi").buttons[0].label
    world.says("budi", f"biyantu {code}")
    assert "Relawan Budi mbiyantu panjenengan" in world.last("sri").text


def test_who_comes_second_is_told_who_has_it(office: World) -> None:
    code = sends_domicile(office)
    takes(office, "budi", code)
    assert f"{code} sudah dibantu Budi" in office.presses("siti", "Saya bantu")
    assert help_of(office, code) == ("taken", "Budi", 1)
    assert steps_of(office, code).count("help_take") == 1


def test_a_press_repeated_or_replayed_changes_nothing(office: World) -> None:
    code = sends_domicile(office)
    press = office.incoming("budi", choice=f"!bantu {code}")
    office.hears(press)
    assert office.hears(press) == [], "the vendor sends it once more"
    assert "sudah ada pada Anda" in takes(office, "budi", code)
    assert steps_of(office, code).count("help_take") == 1
    office.says("budi", f"tugas {code}")
    done = next(button.data for button in office.last("budi").buttons if button.data.endswith("|done"))
    office.says("budi", choice=done)
    skip = office.last("budi").buttons[0].data
    office.says("budi", choice=skip)
    assert help_of(office, code)[0] == "done"
    for data in (skip, done, f"!bantu {code}", f"!tugas {code}"):
        office.says("budi", choice=data)
    assert steps_of(office, code) == ["send", "help_take", "help_done"]
    assert help_of(office, code) == ("done", "Budi", 1)


def test_tugas_lists_what_one_has_and_what_waits(office: World) -> None:
    assert "tidak punya tugas" in office.says("budi", "tugas")
    first, second = sends_domicile(office), sends_domicile(office)
    takes(office, "budi", first)
    said = office.says("budi", "tugas")
    assert "Sedang Anda bantu: 1. Menunggu relawan: 1" in said
    labels = [button.label for button in office.last("budi").buttons]
    assert [first in labels[0], second in labels[1], "Baru" in labels[1]] == [True, True, True]
    office.says("budi", "2")
    assert "Sri" not in office.last("budi").text, "what waits is shown without a name"
    office.presses("budi", "Saya bantu")
    assert help_of(office, second) == ("taken", "Budi", 1)
    office.says("budi", "tugas")
    office.says("budi", "1")
    assert "Sri Lestari" in office.last("budi").text
    office.picks("budi", "leave")
    assert office.asks("budi") == "tasks/choice"
    assert "Sri Lestari" in office.says("budi", first), "its number alone opens it too"


def test_what_is_given_back_is_offered_to_all_others(office: World) -> None:
    code = sends_domicile(office)
    takes(office, "budi", code)
    counts = {who: len(office.inboxes[who]) for who in ("siti", "joko", "tono")}
    opens(office, "budi", code, "return", "Saya sedang sakit")
    assert help_of(office, code) == ("offered", None, 2)
    assert {who: len(office.inboxes[who]) - counts[who] for who in counts} == {"siti": 1, "joko": 1, "tono": 0}
    assert read_by(office, "budi").count("Ada warga yang perlu dibantu") == 1, "who gave it back is not asked again"
    assert "tidak bisa melanjutkan" in office.last("sri").text
    assert "sakit" not in office.says("sri", code), "the reason is not the sender's to read"
    assert "sakit" in office.says("dewi", code)
    assert "sakit" in office.presses("siti", "Saya bantu")
    assert help_of(office, code) == ("taken", "Siti", 2)
    assert "tidak ada pada Anda" in office.says("budi", f"tugas {code}")


def test_a_task_is_handed_on_and_may_be_given_back(office: World) -> None:
    code = sends_domicile(office)
    takes(office, "budi", code)
    opens(office, "budi", code, "hand_on")
    assert [button.label for button in office.last("budi").buttons] == ["Siti", "Joko"]
    office.says("budi", "Siti")
    assert help_of(office, code) == ("taken", "Siti", 1)
    assert "Budi mengalihkan" in office.last("siti").text
    assert "relawan Siti" in office.last("sri").text
    assert "Sri Lestari" in office.presses("siti", "Buka")
    office.picks("siti", "return")
    office.says("siti", "Saya di luar kota")
    assert help_of(office, code) == ("offered", None, 2)
    assert steps_of(office, code) == ["send", "help_take", "help_hand_on", "help_return"]


def test_it_is_handed_on_to_nobody_who_wants_no_requests(office: World) -> None:
    code = sends_domicile(office)
    takes(office, "budi", code)
    office.says("joko", "stop permintaan")
    opens(office, "budi", code, "hand_on")
    assert [button.label for button in office.last("budi").buttons] == ["Siti"]
    office.says("siti", "stop")
    assert "sedang tidak bisa" in office.picks("budi", f"to:{office.person('siti').contact_id}")
    assert help_of(office, code) == ("taken", "Budi", 1)
    office.says("budi", f"tugas {code}")
    assert "hand_on" not in "".join(button.data for button in office.last("budi").buttons)


@pytest.mark.parametrize("words", ["stop", "stop permintaan"])
def test_who_stopped_or_muted_gets_no_offer_but_finds_it(office: World, words: str) -> None:
    office.says("budi", words)
    count = len(office.inboxes["budi"])
    code = sends_domicile(office)
    assert len(office.inboxes["budi"]) == count
    office.says("budi", "tugas")
    assert code in office.last("budi").buttons[0].label


@pytest.mark.parametrize(
    ("action", "told"),
    [("done", "diselesaikan kantor"), ("ready", "diselesaikan kantor"), ("decline", "tidak bisa memenuhi")],
)
def test_when_the_office_finishes_or_declines_the_volunteer_is_thanked(office: World, action: str, told: str) -> None:
    code = sends_domicile(office)
    takes(office, "budi", code)
    office.says("dewi", f"buka {code}")
    office.picks("dewi", action)
    office.says("dewi", "Sudah kami urus langsung")
    assert help_of(office, code) == ("closed", "Budi", 1)
    assert told in office.last("budi").text
    assert "tidak perlu dibantu lagi" in office.says("budi", f"tugas {code}")
    assert "tidak perlu dibantu lagi" in takes(office, "siti", code)
    office.says("budi", "tugas")
    assert office.asks("budi") == ""


def test_the_answer_reaches_the_officer_and_the_volunteer(office: World) -> None:
    code = sends_domicile(office)
    office.says("dewi", f"buka {code}")
    office.picks("dewi", "take")
    takes(office, "budi", code)
    opens(office, "budi", code, "ask", "Alamat lengkapnya di mana?")
    office.says("sri", "RT 02 RW 05")
    for who in ("dewi", "budi"):
        assert "RT 02 RW 05" in office.last(who).text
    assert office.last("dewi").buttons[0].data == f"!open {code}"
    assert office.last("budi").buttons[0].data == f"!tugas {code}"


def test_what_the_office_goes_on_with_is_not_the_volunteers_any_more(office: World) -> None:
    code = sends_domicile(office)
    takes(office, "budi", code)
    opens(office, "budi", code, "done", "lewati")
    office.says("dewi", f"buka {code}")
    office.picks("dewi", "progress")
    office.picks("dewi", "skip")
    assert (help_of(office, code), state_of(office, code)) == (("closed", "Budi", 1), "in_progress")


@pytest.mark.parametrize("choice", ["bantu", "tugas"])
def test_a_villager_who_forges_a_button_is_refused(office: World, choice: str) -> None:
    code = sends_domicile(office)
    office.arrives("agus")
    for who in ("sri", "agus"):
        said = office.says(who, choice=f"!{choice} {code}")
        assert "Hanya relawan aktif" in said
        assert "sekolah" not in said
    assert help_of(office, code) == ("offered", None, 1)
    assert len(denied(office)) == 2


def test_a_volunteer_of_another_village_is_refused(office: World) -> None:
    code = sends_domicile(office)
    assert "relawan lain" in takes(office, "tono", code)
    office.says("tono", f"tugas {code}")
    assert help_of(office, code) == ("offered", None, 1)
    assert denied(office) == ["help take", "help open"]
    assert "sekolah" not in read_by(office, "tono")


@pytest.mark.parametrize("code", ["BLT-2222", "secret"])
def test_what_was_never_offered_cannot_be_told_from_what_is_not_there(office: World, code: str) -> None:
    if code == "secret":
        complains(office, "sri", "adu_pelayanan", "named")
        code = str(office.value("SELECT code FROM requests"))
    assert "tidak ada pada Anda" in takes(office, "budi", code)
    assert denied(office) == ["help take"]


@pytest.mark.parametrize("action", ["progress", "ask", "done", "hand_on", "return"])
def test_nobody_acts_on_anothers_task(office: World, action: str) -> None:
    """Budi has the question open when the clock gives the task back and Siti takes it; what he says then changes nothing."""
    code = sends_domicile(office)
    takes(office, "budi", code)
    office.picks("budi", action)
    office.later(days=4)
    office.ticks()
    takes(office, "siti", code)
    answer = "Joko" if action == "hand_on" else "Sudah saya urus"
    assert "tidak ada pada Anda" in office.says("budi", answer)
    assert help_of(office, code) == ("taken", "Siti", 2)
    assert steps_of(office, code) == ["send", "help_take", "help_requeue", "help_take"]
    assert denied(office) == [f"help {action}"]


def pauses(office: World, who: str, action: str = "pause") -> None:
    office.says("dewi", choice=f"!volunteer {office.person(who).contact_id}")
    office.picks("dewi", action)
    office.says("dewi", "Selamat menempuh ujian")


@pytest.mark.parametrize("action", ["pause", "end"])
def test_who_is_paused_or_ended_loses_what_they_had(office: World, action: str) -> None:
    code = sends_domicile(office)
    takes(office, "budi", code)
    count = len(office.inboxes["siti"])
    pauses(office, "budi", action)
    assert help_of(office, code) == ("offered", None, 2)
    assert len(office.inboxes["siti"]) == count + 1
    assert "tidak bisa melanjutkan" in office.last("sri").text
    assert "Hanya relawan aktif" in takes(office, "budi", code)
    assert "relawan aktif" in office.says("budi", "tugas")
    assert denied(office) == ["help take"]


def test_what_is_not_right_after_all_goes_to_others_when_its_volunteer_is_gone(office: World) -> None:
    code = sends_domicile(office)
    takes(office, "budi", code)
    opens(office, "budi", code, "done", "lewati")
    pauses(office, "budi")
    office.says("sri", choice=f"!reopen {code}")
    office.says("sri", "Nama ibu saya belum tercantum")
    assert (help_of(office, code), state_of(office, code)) == (("offered", None, 2), "checked")
    assert code in office.last("siti").text


def test_a_volunteer_who_is_erased_leaves_nothing_and_others_are_asked(office: World) -> None:
    code = sends_domicile(office)
    takes(office, "budi", code)
    opens(office, "budi", code, "progress", "Saya Budi, nomor saya di kantor desa")
    takes(office, "joko", code)
    for text in ("hapus data", "ya"):
        office.says("budi", text)
    assert help_of(office, code) == ("offered", None, 2)
    assert code in office.last("siti").text
    assert "tidak bisa melanjutkan" in office.last("sri").text
    assert office.value("SELECT count(*) FROM outbox WHERE payload LIKE '%Budi%'") == 0
    assert office.value("SELECT count(*) FROM request_events WHERE note LIKE '%Budi%'") == 0
    assert "Budi" not in office.says("sri", code)
    waiting = office.value("SELECT count(*) FROM outbox WHERE payload LIKE '%tidak bisa melanjutkan%'")
    assert waiting == 1, "what the others were told about it still goes out"


def test_a_volunteer_who_was_done_is_erased(office: World) -> None:
    code = sends_domicile(office)
    takes(office, "budi", code)
    opens(office, "budi", code, "done", "lewati")
    for text in ("hapus data", "ya"):
        office.says("budi", text)
    assert help_of(office, code) == ("closed", None, 1)
    assert done(office) == [None], "that it was done stays, without who did it"
    office.presses("sri", "Belum")
    office.says("sri", "Nama ibu saya belum tercantum")
    assert state_of(office, code) == "checked"
    assert done(office) == []


@pytest.mark.parametrize(("action", "left"), [("done", [None]), ("progress", [])])
def test_what_somebody_erased_has_done_counts_until_the_office_goes_on_with_it(
    office: World, action: str, left: list[None]
) -> None:
    code = sends_domicile(office)
    takes(office, "budi", code)
    opens(office, "budi", code, "done", "lewati")
    for text in ("hapus data", "ya"):
        office.says("budi", text)
    office.says("dewi", f"buka {code}")
    office.picks("dewi", action)
    office.says("dewi", "lewati")
    assert done(office) == left


def test_what_somebody_erased_had_and_has_not_done_does_not_count(office: World) -> None:
    code = sends_domicile(office)
    takes(office, "budi", code)
    office.says("dewi", f"buka {code}")
    office.picks("dewi", "done")
    office.says("dewi", "Sudah kami urus langsung")
    for text in ("hapus data", "ya"):
        office.says("budi", text)
    assert help_of(office, code) == ("closed", None, 1)
    assert done(office) == []


def test_when_the_villager_is_erased_the_help_ends(office: World) -> None:
    code, waits = sends_domicile(office), sends_domicile(office)
    takes(office, "budi", code)
    for text in ("hapus data", "ya"):
        office.says("sri", text)
    assert (help_of(office, code)[0], help_of(office, waits)[0]) == ("closed", "closed")
    assert "tidak perlu dibantu lagi" in office.last("budi").text
    assert office.value("SELECT count(*) FROM outbox WHERE payload LIKE '%Sri%'") == 0
    assert "Sri" not in office.says("budi", f"tugas {code}")
    assert "tidak perlu dibantu lagi" in takes(office, "siti", waits)


def test_an_offer_that_waits_for_the_morning_is_not_sent_once_its_sender_is_erased(office: World) -> None:
    office.later(hours=11)  # 21.00 in Blitar
    sends_domicile(office)
    assert office.value("SELECT count(*) FROM outbox WHERE state = 'queued'") == 3
    for text in ("hapus data", "ya"):
        office.says("sri", text)
    assert office.value("SELECT count(*) FROM outbox WHERE state = 'queued'") == 0
