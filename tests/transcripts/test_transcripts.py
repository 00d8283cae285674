"""Every story goes as its transcript says, to the letter."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.transcripts.replay import FOLDER, replay
from tests.transcripts.stories import STORIES


def test_there_are_stories_in_both_languages() -> None:
    assert len(STORIES) >= 6
    assert all(set(languages) == {"id", "jv"} for languages in STORIES.values())


@pytest.mark.parametrize("language", ["id", "jv"])
@pytest.mark.parametrize("story", STORIES)
def test_the_story_goes_as_written(story: str, language: str, tmp_path: Path) -> None:
    expected = (FOLDER / language / f"{story}.md").read_text("utf-8")
    assert replay(story, language, tmp_path) == expected
