"""The six-message form both sides play, and updates as Telegram sends them."""

from __future__ import annotations

import json
from typing import Any

from telegram.request import BaseRequest, RequestData

MESSAGES = ("/form", "Sri Lestari", "Salam", "2", "25", "ya")
QUESTIONS = (
    "Siapa nama lengkap Anda?",
    "Dari desa mana?",
    "Untuk keperluan apa?",
    "Berapa orang?",
    "Sudah benar?",
    "Terima kasih, sudah kami terima.",
)
NEEDS = ("Sekolah", "Kesehatan", "Bantuan hukum")
ANSWER = json.dumps(
    {
        "ok": True,
        "result": {
            "message_id": 7,
            "date": 1_700_000_000,
            "chat": {"id": 1, "type": "private", "first_name": "Sri"},
            "from": {"id": 99, "is_bot": True, "first_name": "Rewang", "username": "rewang_bot"},
            "text": "ok",
        },
    }
).encode()
ME = json.dumps(
    {"ok": True, "result": {"id": 99, "is_bot": True, "first_name": "Rewang", "username": "rewang_bot"}}
).encode()


def raw_update(number: int, person: int, text: str) -> bytes:
    """Make an update's JSON."""
    user = {"id": person, "is_bot": False, "first_name": "Sri", "language_code": "id"}
    message: dict[str, Any] = {
        "message_id": number,
        "from": user,
        "chat": {"id": person, "first_name": "Sri", "type": "private"},
        "date": 1_700_000_000,
        "text": text,
    }
    if text.startswith("/"):
        message["entities"] = [{"type": "bot_command", "offset": 0, "length": len(text)}]
    return json.dumps({"update_id": number, "message": message}).encode()


class StubRequest(BaseRequest):
    """Answers every call at once, as the HTTP layer would; tells who was answered."""

    def __init__(self, answered: Any = None) -> None:
        self.calls = 0
        self._answered = answered

    @property
    def read_timeout(self) -> float | None:
        return 5.0

    async def initialize(self) -> None:
        return None

    async def shutdown(self) -> None:
        return None

    async def do_request(
        self, url: str, method: str, request_data: RequestData | None = None, **timeouts: Any
    ) -> tuple[int, bytes]:
        del method, timeouts
        if url.endswith("getMe"):
            return 200, ME
        self.calls += 1
        if request_data is not None:
            parameters = request_data.json_parameters
            json.dumps(parameters)  # what a real one does with them
            if self._answered is not None:
                self._answered(int(parameters["chat_id"]))
        return 200, ANSWER
