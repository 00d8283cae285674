"""What a person replies to comes through the cleaning of what they sent."""

from __future__ import annotations

from typing import Any

import pytest

from handlers.intake import clean
from handlers.messages import Incoming
from tests.world import PHOTO, TUESDAY_MORNING


@pytest.mark.parametrize("more", [{}, {"media": (PHOTO,)}, {"choice": "!menu"}, {"location": (-8.1, 112.1)}])
def test_it_is_kept_with_every_kind_of_message(more: dict[str, Any]) -> None:
    incoming = Incoming("telegram", "m1", "sri", TUESDAY_MORNING, "yang ini", reply_to="17", **more)
    assert clean(incoming)[0].reply_to == "17"


def test_a_message_that_is_no_reply_has_none() -> None:
    assert clean(Incoming("telegram", "m1", "sri", TUESDAY_MORNING, "yang ini"))[0].reply_to is None
