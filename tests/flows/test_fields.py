"""Every kind of answer: what is read comes back from the journal as it was, and what does not fit is asked again."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flows.chat import SKIP, Field, Invalid, Json, Location, Media, Narrow, Option, Reply, Stale
from flows.fields import DONE, PAGE, Day, Maybe, Photos, Pick, Point, Whole, Words, page_of
from flows.follow import Addition, Given
from flows.guide_fields import Files, Link, Search
from flows.places import load_places
from flows.villages import Village
from flows.words import BARE_WORDS, BARE_YES
from tests.talk import TODAY, VOICES, photo, spot

NOW = date.fromisoformat(TODAY)
VILLAGE = Village(load_places())
COLOURS = Pick(
    (Option("red", "Red", ("merah",)), Option("blue", "Blue", ("biru",))),
    hidden=(Option("green", "Green", ("hijau",)),),
)
MANY = Pick(tuple(Option(f"o{n}", f"Choice {n}", (f"word{n}",)) for n in range(1, 24)))
FIELDS: list[Field[Any]] = [
    Words(),
    Whole(),
    Day(NOW),
    COLOURS,
    MANY,
    Photos(),
    Point(),
    VILLAGE,
    Addition(),
    Words(1200, lines=True),
    Link(),
    Files(),
    Search(MANY),
    Maybe(Words()),
    Maybe(Whole()),
    Maybe(COLOURS),
    Maybe(Photos()),
]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=6,
)
REPLIES = st.builds(
    Reply,
    text=st.text(max_size=80),
    choice=st.none() | st.sampled_from(["red", "o3", "page:2", SKIP, DONE, "list", "none", "city", "35.05.01", "35.05.01.2002", "x"]),
    media=st.lists(st.builds(Media, st.just("m1"), st.sampled_from(["photo", "document", "voice", "video"])), max_size=3).map(tuple),
    location=st.none() | st.builds(Location, st.floats(), st.floats()),
    held=JSON,
)  # fmt: skip


def stored(field: Field[Any], value: Any) -> Json:
    """Bring a value into the journal's form, as it stands in the database."""
    found: Json = json.loads(json.dumps(field.dump(value), allow_nan=False))
    return found


def name_of(case: object) -> str:
    return repr(case)[:60]


@pytest.mark.parametrize("field", FIELDS, ids=name_of)
@settings(max_examples=40, deadline=None)
@given(reply=REPLIES)
def test_what_is_taken_comes_back_as_it_was(field: Field[Any], reply: Reply) -> None:
    """Any reply whatever is taken, narrowed or refused; nothing else may happen."""
    try:
        value = field.parse(reply)
    except Invalid as invalid:
        assert all(VOICES.of(language).say(invalid.why) for language in ("id", "jv"))
    except Narrow as narrow:
        assert all(VOICES.of(language).say(narrow.prompt) for language in ("id", "jv"))
        assert len({option.id for option in narrow.options}) == len(narrow.options)
        json.dumps(narrow.held, allow_nan=False)
    else:
        assert field.load(stored(field, value)) == value
        assert all(VOICES.of(language).say(field.show(value)) for language in ("id", "jv"))


@pytest.mark.parametrize("field", FIELDS, ids=name_of)
@settings(max_examples=40, deadline=None)
@given(raw=JSON)
def test_a_journal_of_any_form_is_loaded_or_stale(field: Field[Any], raw: Json) -> None:
    try:
        value = field.load(raw)
    except Stale:
        return
    assert field.load(stored(field, value)) == value


@pytest.mark.parametrize(
    ("field", "raw"),
    [
        (Words(most=3), "four"), (Words(), ""), (Words(), 3), (Words(), None), (Whole(1, 5), 6), (Whole(1, 5), 0), (Whole(), True), (Whole(), "3"),
        (Whole(), 3.0), (Day(NOW), "2026-02-29"), (Day(NOW), 5), (Day(NOW), "besok"), (COLOURS, "black"), (COLOURS, None), (COLOURS, 1), (Photos(1), ["a", "b"]),
        (Photos(), []), (Photos(), [1]), (Photos(), "a"), (Point(), [1.0]), (Point(), ["1", "2"]), (Point(), [91.0, 0.0]), (Point(), [0.0, 181.0]), (Point(), [math.nan, 1.0]),
        (VILLAGE, "35.72.01.1001"), (VILLAGE, "Salam"), (VILLAGE, None), (Addition(), {"note": "x"}), (Addition(), []), (Maybe(Whole(1, 5)), 9),
    ],
    ids=name_of,
)  # fmt: skip
def test_what_todays_question_does_not_take_is_stale(field: Field[Any], raw: Json) -> None:
    with pytest.raises(Stale):
        field.load(raw)


@pytest.mark.parametrize(
    ("field", "reply"),
    [
        (Words(), Reply("")), (Words(), Reply(" \n\t ")), (Words(), Reply("x")), (Words(most=5), Reply("sixsix")), (Words(), photo()), (Whole(), Reply("berapa ya")),
        (Whole(1, 5), Reply("6")), (Whole(), Reply("9" * 10)), (Whole(), Reply("2-3")), (Whole(), Reply("-5")), (Whole(), Reply("1,5")), (Whole(), Reply("3 dari 5")), (Whole(), Reply("²")),
        (Day(NOW), Reply("kapan-kapan")), (Day(NOW, 0, 5), Reply("kemarin")), (Day(NOW, 0, 5), Reply("30-11-2026")), (Day(NOW, 5, 0), Reply("besok")),
        (COLOURS, Reply("black")), (COLOURS, Reply("")), (COLOURS, Reply("3")), (COLOURS, Reply(choice="black")), (Photos(), Reply("foto")),
        (Photos(), Reply(media=(Media("m1", "voice"),))), (Point(), Reply("di rumah")), (Point(), spot(math.nan, 112.0)), (Point(), spot(math.inf, 112.0)), (Point(), spot(-8.0, 999.0)),
        (Addition(), Reply("")), (Addition(), Reply(choice=DONE)), (VILLAGE, Reply("")), (VILLAGE, spot(0.0, 0.0)), (VILLAGE, spot(math.nan, math.nan)),
    ],
    ids=name_of,
)  # fmt: skip
def test_what_is_no_answer_is_refused(field: Field[Any], reply: Reply) -> None:
    with pytest.raises(Invalid):
        field.parse(reply)


@pytest.mark.parametrize("typed", ["lewati", "LEWAT", "langkungi", "skip", "🙏🙏", "..."])
def test_what_is_needed_cannot_be_left_out(typed: str) -> None:
    with pytest.raises(Invalid):
        Words().parse(Reply(typed))


@given(st.text())
def test_words_are_kept_as_typed_but_for_blanks(text: str) -> None:
    try:
        assert Words(most=50, least=3).parse(Reply(text)) == " ".join(text.split())
    except Invalid:
        kept = " ".join(text.split())
        assert not 3 <= len(kept) <= 50 or not any(character.isalnum() for character in kept)


@given(
    st.integers(0, 999_999_999),
    st.sampled_from(["{}", " {} ", "{} orang", "kira-kira {}", "sekitar {}an", "Rp {}", "Rp{},-", "{} (perkiraan)"]),
)
def test_a_number_is_read_among_words(number: int, form: str) -> None:
    field = Whole(0, 10**9)
    assert field.parse(Reply(form.format(number))) == number
    assert field.parse(Reply(form.format(f"{number:,}".replace(",", ".")))) == number


def test_other_scripts_digits_are_digits() -> None:
    assert Whole().parse(Reply("٢٥")) == 25


@pytest.mark.parametrize(
    ("reply", "value"),
    [
        ("1", "red"),
        ("2.", "blue"),
        ("merah", "red"),
        ("BIRU", "blue"),
        ("biruu", "blue"),
        ("hijau", "green"),
        ("Green", "green"),
    ],
)
def test_one_option_is_picked_by_number_word_or_near_miss(reply: str, value: str) -> None:
    assert COLOURS.parse(Reply(reply)) == value


def test_hidden_options_are_not_shown() -> None:
    assert [option.id for option in COLOURS.options()] == ["red", "blue"]


@given(st.integers(1, 60), st.integers(-3, 70))
def test_a_page_is_cut_out_of_many(count: int, page: int) -> None:
    choices = tuple(Option(f"o{n}", str(n)) for n in range(count))
    cut = page_of(choices, page, PAGE)
    assert 1 <= len(cut) <= PAGE + 2
    if count <= PAGE + 2:
        assert cut == choices


@given(st.integers(1, 60))
def test_leafing_shows_every_option_once(count: int) -> None:
    choices = tuple(Option(f"o{n}", str(n)) for n in range(count))
    seen: list[Option] = []
    page: int | None = 1
    while page is not None:
        cut = page_of(choices, page, PAGE)
        seen += [option for option in cut if not option.id.startswith("page:")]
        later = [int(option.id[5:]) for option in cut if option.id.startswith("page:") and int(option.id[5:]) > page]
        page = later[0] if later else None
    assert tuple(seen) == choices


def test_leafing_and_picking_from_any_page() -> None:
    with pytest.raises(Narrow) as second:
        MANY.parse(Reply(choice="page:2"))
    assert [option.id for option in second.value.options] == [*(f"o{n}" for n in range(9, 17)), "page:3", "page:1"]
    assert MANY.parse(Reply("word23")) == "o23"


def test_photos_are_gathered_until_done() -> None:
    with pytest.raises(Narrow) as first:
        Photos(3).parse(photo(1))
    assert first.value.held == ["m1"]
    with pytest.raises(Narrow) as second:
        Photos(3).parse(replace(photo(2), held=first.value.held))
    assert Photos(3).parse(replace(photo(3), held=second.value.held)) == ("m1", "m2", "m3")
    assert Photos(3).parse(Reply("sampun", held=second.value.held)) == ("m1", "m2")
    assert Photos(3).parse(Reply(choice=DONE, held=second.value.held)) == ("m1", "m2")
    with pytest.raises(Narrow) as still:
        Photos(3).parse(Reply("apa lagi?", held=second.value.held))
    assert still.value.held == ["m1", "m2"], "what was sent is not lost"


@pytest.mark.parametrize(
    "typed",
    ["ya", "Iya.", "nggih", "Inggih Pak", "ok", "oke bu", "baik", "siap min", "sampun", "sudah", "yaaa", "injih mas"],
)
def test_a_bare_yes_is_no_answer_where_words_are_needed(typed: str) -> None:
    with pytest.raises(Invalid):
        Words(refused=BARE_WORDS).parse(Reply(typed))
    assert Words().parse(Reply(typed))


@pytest.mark.parametrize(
    "typed", ["sekolah", "ya untuk sekolah", "baik Bu Sri", "Siti Baik", "kerja", "pak RT", "Bu Yo", "sae sanget"]
)
def test_words_with_a_yes_among_them_are_an_answer(typed: str) -> None:
    assert Words(refused=BARE_WORDS).parse(Reply(typed)) == typed


@pytest.mark.parametrize(("typed", "taken"), [("baik", True), ("sampun", True), ("nggih", False), ("ya pak", False)])
def test_a_word_may_tell_how_a_visit_went_but_a_yes_does_not(typed: str, taken: bool) -> None:
    field = Words(refused=BARE_YES)
    if taken:
        assert field.parse(Reply(typed)) == typed
    else:
        with pytest.raises(Invalid):
            field.parse(Reply(typed))


def test_an_album_is_cut_to_the_most() -> None:
    assert Photos(2).parse(Reply(media=tuple(Media(f"m{n}", "photo") for n in range(5)))) == ("m0", "m1")


def test_an_addition_gathers_words_and_files() -> None:
    with pytest.raises(Narrow) as first:
        Addition().parse(Reply("RT 2"))
    with pytest.raises(Narrow) as second:
        Addition().parse(replace(photo(), text="RW 3", held=first.value.held))
    with pytest.raises(Narrow) as nothing_new:
        Addition().parse(Reply(held=second.value.held))
    assert Addition().parse(Reply("lanjut", held=nothing_new.value.held)) == Given("RT 2\nRW 3", ("m1",))


def test_an_addition_may_take_the_first_message_as_all() -> None:
    assert Addition(at_once=True).parse(Reply("RT 2")) == Given("RT 2", ())
    held: Json = {"note": "RT 2", "media": []}
    with pytest.raises(Narrow):
        Addition(at_once=True).parse(Reply(held=held))
    assert Addition(at_once=True).parse(replace(photo(), held=held)) == Given("RT 2", ("m1",))


def test_a_location_is_kept_to_a_metre() -> None:
    assert stored(Point(), Point().parse(spot(-8.0216541234, 111.9730731234))) == [-8.02165, 111.97307]


@pytest.mark.parametrize("word", ["lewati", "LEWAT", "skip", "langkungi", "mboten wonten"])
def test_a_question_is_skipped_in_words(word: str) -> None:
    assert Maybe(Words()).parse(Reply(word)) is None


@pytest.mark.parametrize(
    ("field", "value"),
    [(Maybe(Whole(1, 9)), 1), (Maybe(Whole(5, 9)), None), (Maybe(Day(NOW)), NOW.replace(day=1)), (Maybe(Words()), None), (Maybe(Photos()), None), (Maybe(Point()), None)],
    ids=name_of,
)  # fmt: skip
def test_a_typed_one_is_an_answer_where_a_number_is_asked_and_else_the_option_to_skip(
    field: Maybe[Any], value: object
) -> None:
    """The inbox has matched the "1" with the only option shown; to "how many?" it still is the number."""
    assert field.parse(Reply("1", choice=SKIP)) == value
    assert field.parse(Reply(choice=SKIP)) is None, "a pressed button is no number"


@given(st.dates(NOW - timedelta(3650), NOW + timedelta(730)))
def test_a_day_within_the_span_is_taken_in_every_form(day: date) -> None:
    field = Day(NOW)
    for form in ("%Y-%m-%d", "%d-%m-%Y", "%d/%m/%Y", "%d.%m.%Y", "%d %m %Y"):
        assert field.parse(Reply(day.strftime(form))) == day


def test_a_skip_behind_photos_that_were_sent_keeps_them() -> None:
    field = Maybe(Photos(5))
    assert field.parse(Reply(text="lewati", held=["a", "b"])) == ("a", "b")
    assert field.parse(Reply(text="lewati")) is None


@pytest.mark.parametrize("typed", ["ya", "nggih", "sudah", "lajeng"])
def test_a_yes_ends_what_is_collected_but_not_with_another_photo(typed: str) -> None:
    assert Photos().parse(Reply(typed, held=["m1"])) == ("m1",)
    with pytest.raises(Narrow) as more:
        Photos().parse(Reply(typed, held=["m1"], media=(Media("m2", "photo"),)))
    assert more.value.held == ["m1", "m2"]
