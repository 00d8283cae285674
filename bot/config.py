"""Settings, from the environment and .env: each with its unit and default. A wrong one is refused at the start."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from flows.text import LANGUAGES
from handlers.hours import Hours, Quiet, read_hours, read_quiet
from handlers.office import Programme, read_targets
from handlers.topics import TOPIC_OF_KIND
from handlers.windows import SendWindow, read_window

_CONTENT_SID = re.compile(r"HX[0-9a-f]{32}")  # twilio.com/docs/content
LOOPBACK = ("127.0.0.1", "localhost", "::1")


class SettingsError(Exception):
    """A setting is not right: which, and what to do."""


class Settings(BaseSettings):
    """All settings; .env.example explains each in one line."""

    model_config = SettingsConfigDict(env_file=".env", env_file_encoding="utf-8", extra="ignore", env_ignore_empty=True)

    database_url: str = "sqlite+aiosqlite:///data/rewang.db"
    data_dir: Path = Path("data")
    host: str = "127.0.0.1"
    port: int = Field(default=8080, ge=0, le=65535)
    public_url: str = ""
    timezone: str = "Asia/Jakarta"
    office_hours: str = "1-4 07.30-12.00 13.00-15.30; 5 07.30-11.00"
    office_holidays: str = ""
    quiet_hours: str = "20.00-06.00"
    send_window: str = "07.00-20.00"
    broadcast_approve_over: int = Field(default=500, ge=0, le=10_000_000)
    no_visit_days: int = Field(default=30, ge=1, le=365)
    request_remind_hours: float = Field(default=7, gt=0, le=200)
    request_return_hours: float = Field(default=14, gt=0, le=400)
    suspicion_wave: int = Field(default=10, ge=2, le=10_000)
    programme_targets: str = ""
    tip_silence: int = Field(default=5, ge=1, le=100)
    draft_days: int = Field(default=30, ge=1, le=365)
    chat_days: int = Field(default=90, ge=1, le=3650)

    telegram_token: SecretStr = SecretStr("")
    telegram_api_url: str = "https://api.telegram.org"
    telegram_mode: Literal["polling", "webhook"] = "polling"
    telegram_name: str = ""
    telegram_secret: SecretStr = SecretStr("")
    telegram_per_second: int = Field(default=30, ge=1, le=1000)

    twilio_account_sid: str = ""
    twilio_auth_token: SecretStr = SecretStr("")
    twilio_from: str = ""
    twilio_messaging_service_sid: str = ""
    twilio_api_url: str = ""
    whatsapp_templates: str = ""
    whatsapp_new_people_a_day: int = Field(default=250, ge=0, le=1_000_000)

    senders: int = Field(default=1, ge=1, le=64)

    @field_validator("timezone")
    @classmethod
    def _zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError):
            raise ValueError(f"{value!r} is no time zone; for example Asia/Jakarta") from None
        return value

    @field_validator("public_url", "telegram_api_url", "twilio_api_url")
    @classmethod
    def _url(cls, value: str) -> str:
        if value and urlsplit(value).scheme not in ("http", "https"):
            raise ValueError(f"{value!r} is no address; it begins with https://")
        return value.rstrip("/")

    @field_validator("office_hours")
    @classmethod
    def _hours(cls, value: str) -> str:
        read_hours(value)
        return value

    @field_validator("office_holidays")
    @classmethod
    def _holidays(cls, value: str) -> str:
        read_hours("", value)
        return value

    @field_validator("quiet_hours")
    @classmethod
    def _quiet(cls, value: str) -> str:
        read_quiet(value)
        return value

    @field_validator("programme_targets")
    @classmethod
    def _targets(cls, value: str) -> str:
        read_targets(value)
        return value

    @field_validator("whatsapp_templates")
    @classmethod
    def _templates(cls, value: str) -> str:
        read_templates(value)
        return value

    @model_validator(mode="after")
    def _together(self) -> Settings:
        read_window(self.send_window, self.quiet)
        if self.telegram_token.get_secret_value() and self.telegram_mode == "webhook":
            if not self.public_url:
                raise ValueError("TELEGRAM_MODE=webhook needs PUBLIC_URL, the address Telegram calls")
            if not self.telegram_secret.get_secret_value():
                raise ValueError("TELEGRAM_MODE=webhook needs TELEGRAM_SECRET, 1 to 256 of A-Z a-z 0-9 _ -")
        given = [
            bool(self.twilio_account_sid),
            bool(self.twilio_auth_token.get_secret_value()),
            bool(self.twilio_from or self.twilio_messaging_service_sid),
        ]
        if any(given) and not all(given):
            raise ValueError("WhatsApp needs all of TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN and TWILIO_FROM")
        if self.twilio_from and not self.twilio_from.startswith("whatsapp:+"):
            raise ValueError("TWILIO_FROM is a WhatsApp number: whatsapp:+62…")
        if all(given) and not self.public_url:
            raise ValueError("WhatsApp needs PUBLIC_URL: Twilio's signature is checked over it")
        if self.senders > 1 and self.database_url.startswith("sqlite"):
            raise ValueError("SENDERS above 1 needs PostgreSQL: with SQLite one process sends")
        return self

    @property
    def zone(self) -> ZoneInfo:
        """The office's time zone."""
        return ZoneInfo(self.timezone)

    @property
    def hours(self) -> Hours:
        """The office's hours."""
        return read_hours(self.office_hours, self.office_holidays)

    @property
    def quiet(self) -> Quiet:
        """When nobody is to be disturbed."""
        return read_quiet(self.quiet_hours)

    @property
    def window(self) -> SendWindow:
        """When messages to many people go out."""
        return read_window(self.send_window, self.quiet)

    @property
    def programme(self) -> Programme:
        """The rules for volunteers."""
        return Programme(
            no_visit_days=self.no_visit_days,
            remind_after=timedelta(hours=self.request_remind_hours),
            return_after=timedelta(hours=self.request_return_hours),
            coordinator_after=timedelta(hours=self.request_return_hours),
            approve_over=self.broadcast_approve_over,
            suspicion_wave=self.suspicion_wave,
            targets=read_targets(self.programme_targets),
            tip_silence=self.tip_silence,
        )

    @property
    def templates(self) -> dict[str, str]:
        """The approved WhatsApp texts by kind of broadcast and language."""
        return read_templates(self.whatsapp_templates)

    @property
    def telegram(self) -> bool:
        """Whether Telegram is configured."""
        return bool(self.telegram_token.get_secret_value())

    @property
    def whatsapp(self) -> bool:
        """Whether WhatsApp is configured."""
        return bool(self.twilio_account_sid)

    @property
    def demo(self) -> bool:
        """Whether this can be a demo: no vendor configured, and only this machine can reach it."""
        return not self.telegram and not self.whatsapp and not self.public_url and self.host in LOOPBACK


def read_templates(text: str) -> dict[str, str]:
    """Read the approved WhatsApp texts from settings, as ``news_id=HX…, any_id=HX…``.

    Raises:
        ValueError: says which part is not understood.
    """
    templates: dict[str, str] = {}
    for part in filter(None, (piece.strip() for piece in text.split(","))):
        name, _, sid = (piece.strip() for piece in part.partition("="))
        kind, _, language = name.partition("_")
        if kind not in (*TOPIC_OF_KIND, "any") or language not in LANGUAGES or not _CONTENT_SID.fullmatch(sid):
            known = ", ".join((*TOPIC_OF_KIND, "any"))
            raise ValueError(f"{part!r} is not of the form 'news_id=HX…'; kinds are {known}, languages id and jv")
        templates[name] = sid
    return templates


def read_settings() -> Settings:
    """Read the settings.

    Raises:
        SettingsError: one is not right; the message names it.
    """
    try:
        return Settings()
    except ValidationError as error:
        first = error.errors(include_input=False)[0]
        name = ".".join(str(part) for part in first["loc"]).upper()
        message = first["msg"].removeprefix("Value error, ")
        raise SettingsError(f"{name}: {message}" if name else message) from None
