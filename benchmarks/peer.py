"""python-telegram-bot's own ConversationHandler, without any persistence, on the same form."""

from __future__ import annotations

import json
import time
import warnings

from telegram import Bot, InlineKeyboardButton, InlineKeyboardMarkup, Update
from telegram.ext import Application, CommandHandler, ContextTypes, ConversationHandler, MessageHandler, filters

from benchmarks.form import MESSAGES, NEEDS, QUESTIONS, StubRequest, raw_update

_KEYS = ("name", "village", "need", "count", "sure")


def _ask(step: int) -> object:
    async def handle(update: Update, context: ContextTypes.DEFAULT_TYPE) -> int:
        assert update.message is not None
        assert context.user_data is not None
        if step > 0:
            context.user_data[_KEYS[step - 1]] = update.message.text
        markup = None
        if step == 2:
            markup = InlineKeyboardMarkup([[InlineKeyboardButton(need, callback_data=need)] for need in NEEDS])
        await update.message.reply_text(QUESTIONS[step], reply_markup=markup)
        return ConversationHandler.END if step == len(QUESTIONS) - 1 else step + 1

    return handle


async def run(people: int) -> tuple[float, float]:
    """Play the form with everybody, interleaved; returns turns a second and CPU microseconds a turn."""
    stub = StubRequest()
    bot = Bot("1:x", request=stub, get_updates_request=StubRequest())
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        app = Application.builder().bot(bot).updater(None).build()
        states = {
            step: [MessageHandler(filters.TEXT & ~filters.COMMAND, _ask(step))]  # type: ignore[arg-type]  # the same signature
            for step in range(1, len(QUESTIONS))
        }
        app.add_handler(
            ConversationHandler([CommandHandler("form", _ask(0))], states, [])  # type: ignore[arg-type]  # likewise
        )
    await app.initialize()
    number = 0
    began, cpu = time.perf_counter(), time.process_time()
    for text in MESSAGES:
        for person in range(1, people + 1):
            number += 1
            raw = raw_update(number, person, text)
            await app.process_update(Update.de_json(json.loads(raw), bot))
    took, spent = time.perf_counter() - began, time.process_time() - cpu
    assert stub.calls == number, f"{stub.calls} of {number} turns were answered"
    return number / took, spent / number * 1e6
