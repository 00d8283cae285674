"""Settings of broadcasts: what is refused at the start, and what becomes of them."""

from __future__ import annotations

from typing import Any

import pytest

from bot.config import SettingsError, read_settings

SID = "HX" + "0123456789abcdef" * 2


@pytest.fixture
def given(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> pytest.MonkeyPatch:
    monkeypatch.chdir(tmp_path)  # where no .env is
    return monkeypatch


def test_templates_are_read_by_kind_and_language(given: pytest.MonkeyPatch) -> None:
    given.setenv("WHATSAPP_TEMPLATES", f"news_id={SID}, any_id = {SID},warning_jv={SID}")
    assert read_settings().templates == {"news_id": SID, "any_id": SID, "warning_jv": SID}


def test_without_any_there_are_none(given: pytest.MonkeyPatch) -> None:
    settings = read_settings()
    assert (settings.templates, settings.whatsapp_new_people_a_day, settings.telegram_per_second, settings.senders) == (
        {},
        250,
        30,
        1,
    )


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("WHATSAPP_TEMPLATES", "news_id"),
        ("WHATSAPP_TEMPLATES", f"news_en={SID}"),
        ("WHATSAPP_TEMPLATES", f"berita_id={SID}"),
        ("WHATSAPP_TEMPLATES", "news_id=HX1"),
        ("TELEGRAM_PER_SECOND", "1001"),
        ("TELEGRAM_PER_SECOND", "0"),
        ("WHATSAPP_NEW_PEOPLE_A_DAY", "-1"),
        ("SENDERS", "0"),
        ("SENDERS", "2"),  # with SQLite
    ],
)
def test_what_is_not_right_is_refused_at_the_start(given: pytest.MonkeyPatch, name: str, value: str) -> None:
    given.setenv(name, value)
    with pytest.raises(SettingsError):
        read_settings()


def test_several_senders_need_postgresql(given: pytest.MonkeyPatch) -> None:
    given.setenv("DATABASE_URL", "postgresql+psycopg://rewang@localhost/rewang")
    given.setenv("SENDERS", "4")
    assert read_settings().senders == 4
