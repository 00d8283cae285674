"""Complaints: photo and location, without a name, about officials, and with safety first."""

from __future__ import annotations

from tests.world import PHOTO, World


def complains(world: World, who: str, kind: str, option: str) -> None:
    """Let somebody complain, with or without a name, up to the end."""
    world.says(who, "lapor")
    world.picks(who, kind)
    world.picks(who, option)
    for question in world.office.registry.services[kind].questions:
        assert world.asks(who).endswith(f"/{question.key}")
        if question.field == "location":
            world.says(who, location=(-8.05, 112.0))
        elif question.field == "photos":
            world.says(who, media=(PHOTO,))
            world.picks(who, "done")
        elif question.field == "words":
            world.says(who, "jalan berlubang depan balai desa")
        else:
            world.says(who, "1")
    world.says(who, "ya")


def test_a_road_is_reported_with_photo_and_location(world: World) -> None:
    world.arrives("sri")
    world.employs("dewi")
    complains(world, "sri", "adu_jalan", "named")
    request = world.rows("SELECT * FROM requests")[0]
    assert (request.kind, request.anonymous, request.confidential) == ("complaint", False, False)
    assert '"location": [-8.05, 112.0]' in request.answers
    world.says("dewi", f"buka {request.code}")
    assert len(world.last("dewi").media or world.inboxes["dewi"][-2].media) == 1


def test_without_a_name_nobody_sees_who_it_is_and_the_answer_arrives(world: World) -> None:
    world.arrives("sri")
    world.employs("dewi")
    complains(world, "sri", "adu_jalan", "anonymous")
    request = world.rows("SELECT * FROM requests")[0]
    assert request.contact_id is None
    assert world.rows("SELECT * FROM request_events WHERE actor_id IS NOT NULL") == []
    world.says("dewi", f"buka {request.code}")
    world.picks("dewi", "reply")
    world.says("dewi", "Terima kasih, kami cek besok.")
    assert "kami cek besok" in world.last("sri").text
    shown = "".join(message.text for message in world.inboxes["dewi"])
    assert "Sri" not in shown
    assert "Salam" in shown, "the village is needed to find the road"
    world.says("sri", "status")
    assert request.code in world.last("sri").buttons[0].label


def test_a_complaint_about_officials_never_goes_to_the_village(world: World) -> None:
    world.arrives("sri")
    world.employs("kades", "Pak Kades", "village", "35.05.01.2002")
    world.employs("joko", "Joko", "officer")
    world.employs("itda", "Inspektorat", "inspector")
    complains(world, "sri", "adu_pelayanan", "named")
    code = world.value("SELECT code FROM requests")
    assert code in world.last("itda").text
    for outsider in ("kades", "joko"):
        assert outsider not in world.inboxes
        world.says(outsider, f"buka {code}")
        assert "berlubang" not in world.last(outsider).text
        world.says(outsider, "meja")
        assert all(code not in message.text for message in world.inboxes[outsider][1:])
        assert all(code not in button.label for message in world.inboxes[outsider] for button in message.buttons)


def test_fraud_and_disaster_say_first_what_to_do(world: World) -> None:
    world.arrives("sri")
    for kind in ("adu_penipuan", "adu_bencana"):
        world.says("sri", "lapor")
        said = world.picks("sri", kind)
        safety = world.office.registry.services[kind].safety
        assert safety is not None
        assert said.startswith(safety.id[:40])
