"""The kernel: what must hold for every flow."""

from __future__ import annotations

import asyncio

import pytest

from flows.chat import Chat, Done, FlowError, Option, Reply, Shown, Waiting, back, play
from flows.fields import Maybe, Pick, Whole, Words
from flows.outcomes import Nothing, Outcome, Submitted
from tests.talk import Talk

AREA = Pick((Option("north", "North"), Option("south", "South")))


async def lamp(chat: Chat) -> Outcome:
    chat.say("Let us see.")
    area = await chat.ask("area", "Which area?", AREA, label="Area")
    if area == "north":
        await chat.ask("pole", "Which pole?", Whole(1, 99), label="Pole")
    chat.say("Nearly there.")
    await chat.ask("street", "Which street?", Words(), label="Street")
    await chat.review("The lamp")
    return Submitted("lamp", dict(chat.answers))


def test_a_flow_is_played_to_its_end() -> None:
    talk = Talk(lamp)
    assert talk.said == ["Let us see."]
    assert talk.hears("1").key == "pole"
    assert talk.hears("77").said == ["Nearly there."]
    assert talk.hears("Jl. Melati").key == "review"
    assert talk.hears("ya").outcome == Submitted("lamp", {"area": "north", "pole": 77, "street": "Jl. Melati"})


def test_what_was_said_is_not_said_again() -> None:
    talk = Talk(lamp).hears("2", "Jl. Melati")
    assert talk.said == []


def test_changing_the_area_hides_the_pole_number() -> None:
    talk = Talk(lamp).hears("1", "77", "Jl. Melati")
    talk.hears("1", "2")
    assert talk.key == "review"
    assert talk.hears("ya").outcome == Submitted("lamp", {"area": "south", "street": "Jl. Melati"})


def test_flipping_back_finds_the_hidden_answer_again() -> None:
    talk = Talk(lamp).hears("1", "77", "Jl. Melati", "1", "2", "1", "1")
    assert talk.key == "review"
    assert talk.hears("ya").outcome == Submitted("lamp", {"area": "north", "pole": 77, "street": "Jl. Melati"})


def test_a_yes_counts_only_for_the_answers_reviewed() -> None:
    talk = Talk(lamp).hears("2", "Jl. Melati")
    journal = {**talk.journal, "street": "Jl. Mawar", "review": "0123456789abcdef"}
    turn = play(lamp, talk.facts, journal, None, None)
    assert isinstance(turn, Waiting)
    assert turn.question.key == "review"


def test_an_edit_can_be_left_with_back() -> None:
    talk = Talk(lamp).hears("2", "Jl. Melati", "2")
    assert talk.key == "street"
    assert talk.goes_back()
    assert talk.key == "review"
    assert talk.journal["street"] == "Jl. Melati"


def test_back_asks_the_question_before() -> None:
    talk = Talk(lamp).hears("1", "77")
    assert talk.goes_back()
    assert talk.key == "pole"
    assert talk.goes_back()
    assert talk.key == "area"
    assert not talk.goes_back()


def test_back_does_not_go_into_what_was_given_from_the_start() -> None:
    talk = Talk(lamp, given={"area": "south"})
    assert talk.key == "street"
    assert not talk.goes_back()


def test_a_reply_to_another_question_is_not_heard() -> None:
    shown = Shown("pole")
    turn = play(lamp, {}, {}, shown, Reply(text="77"))
    assert isinstance(turn, Waiting)
    assert (turn.question.key, turn.unheard, turn.journal) == ("area", True, {})


def test_an_answer_that_does_not_fit_any_more_is_asked_again() -> None:
    turn = play(lamp, {}, {"area": "west", "street": "Jl. Melati"}, None, None)
    assert isinstance(turn, Waiting)
    assert turn.question.key == "area"
    assert turn.journal == {"street": "Jl. Melati"}


def test_a_renamed_key_keeps_its_answer() -> None:
    async def flow(chat: Chat) -> Outcome:
        name = await chat.ask("full_name", "Name?", Words(), was="name")
        return Submitted("x", {"name": name})

    assert play(flow, {}, {"name": "Sri"}, None, None) == Done(
        Submitted("x", {"name": "Sri"}), (), {"full_name": "Sri"}
    )


def test_a_key_asked_twice_is_our_mistake() -> None:
    async def flow(chat: Chat) -> Outcome:
        await chat.ask("name", "Name?", Maybe(Words()))
        await chat.ask("name", "Name?", Words())
        return Nothing()

    with pytest.raises(FlowError, match="'name' is asked twice"):
        play(flow, {}, {"name": None}, None, None)


def test_scopes_keep_loops_apart() -> None:
    async def flow(chat: Chat) -> Outcome:
        names = []
        for number in range(2):
            with chat.scope(f"member/{number}"):
                names.append(await chat.ask("name", "Name?", Words()))
        return Submitted("x", {"names": list(names)})

    talk = Talk(flow).hears("Sri")
    assert talk.key == "member/1/name"
    assert talk.hears("Agus").outcome == Submitted("x", {"names": ["Sri", "Agus"]})


def test_a_flow_may_await_nothing_else() -> None:
    async def flow(chat: Chat) -> Outcome:
        await asyncio.sleep(0)
        return Nothing()

    with pytest.raises(FlowError, match="await nothing but the chat"):
        play(flow, {}, {}, None, None)


def test_a_suspension_cannot_be_swallowed() -> None:
    async def flow(chat: Chat) -> Outcome:
        try:
            await chat.ask("name", "Name?", Words())
        except BaseException:  # noqa: BLE001  the mistake under test
            await chat.ask("other", "Other?", Words())
        return Nothing()

    with pytest.raises(FlowError, match="caught its own suspension"):
        play(flow, {}, {}, None, None)


def test_a_loop_without_end_is_stopped() -> None:
    async def flow(chat: Chat) -> Outcome:
        number = 0
        while True:
            await chat.ask(f"q{number}", "?", Maybe(Words()))
            number += 1

    journal = {f"q{number}": None for number in range(300)}
    with pytest.raises(FlowError, match="more than 200 questions"):
        play(flow, {}, journal, None, None)


def test_a_journal_that_grows_too_large_is_stopped() -> None:
    async def flow(chat: Chat) -> Outcome:
        await chat.ask("a", "?", Words(most=100_000))
        await chat.ask("b", "?", Words())
        return Nothing()

    with pytest.raises(FlowError, match="journal is over"):
        play(flow, {}, {}, Shown("a"), Reply(text="x" * 70_000))


def test_back_at_the_first_question_is_none() -> None:
    assert back(lamp, {}, {}, Shown("area")) is None
