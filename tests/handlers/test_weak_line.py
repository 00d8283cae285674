"""On a weak line messages come late, twice, again under a new id, and photos anywhere: they still make one visit."""

from __future__ import annotations

import json
import shutil
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from handlers.messages import Incoming, IncomingMedia
from storage.db import open_engine
from tests.world import World

ANSWERS = ("12", "aktivasi IKD", "10 berhasil", "lewati", "lewati", "lewati")  # after the line and the place
FIRST = "kunjungan Ngaglik pendampingan kemarin"
_runs = count()


@st.composite
def deliveries(draw: st.DrawFn) -> tuple[list[tuple[str, bool]], list[int]]:
    """What arrives, in order: texts and photos; and which of these arrive once more, right after a later one."""
    texts = [FIRST, "lewati", *ANSWERS]
    photos = draw(st.integers(1, 4))
    arriving = [(text, False) for text in texts]
    for number in range(photos):
        at = draw(st.integers(1, len(arriving)))
        arriving.insert(at, (f"photo-{number}", True))
    again = draw(st.lists(st.integers(0, len(arriving) - 1), max_size=6))
    return arriving, again


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(sent=deliveries(), line_again=st.booleans(), yes_again=st.booleans(), at=st.integers(0, 10))
def test_one_visit_comes_of_it(
    sqlite_template: Path, sent: tuple[list[tuple[str, bool]], list[int]], line_again: bool, yes_again: bool, at: int
) -> None:
    arriving, again = sent
    with TemporaryDirectory() as folder:
        path = Path(folder) / f"{next(_runs)}.db"
        shutil.copy(sqlite_template, path)
        world = World(open_engine(f"sqlite:///{path}"))
        world.arrives("budi")
        world.makes_volunteer("budi")
        heard: list[Incoming] = []
        for number, (what, is_photo) in enumerate(arriving):
            media = (IncomingMedia("photo", what, "image/jpeg", 1000),) if is_photo else ()
            heard.append(world.incoming("budi", "" if is_photo else what, media=media))
            world.hears(heard[-1])
            for repeated in again:
                if repeated == number // 2:  # a vendor delivers an earlier message once more
                    assert world.hears(heard[repeated]) == []
            if line_again and number == 1 + at % (len(arriving) - 1):
                world.says("budi", FIRST)  # the person saw no answer and sent it again
        assert world.asks("budi") == "visit/review", world.last("budi").text
        yes = world.incoming("budi", "ya")
        world.hears(yes)
        world.hears(yes)
        if yes_again:
            world.says("budi", "ya")
        visits = world.rows("SELECT people, answers, village, day FROM visits")
        world.engine.dispose()
    assert len(visits) == 1
    answers = json.loads(visits[0][1])
    assert (visits[0][0], answers["topik"], answers["hasil"]) == (12, "aktivasi IKD", "10 berhasil")
    assert len(answers["photos"]) == sum(is_photo for _, is_photo in arriving)
