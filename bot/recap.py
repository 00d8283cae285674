"""`rewang recap`: the same table that officers get in the chat, for whoever runs the machine."""

from __future__ import annotations

from bot.app import make_office
from bot.config import Settings, SettingsError
from flows.periods import read_period
from flows.registry import load_registry
from handlers.recap_export import Order
from handlers.recap_files import make_table
from storage.db import Database
from storage.migrate import migrate


async def recap_of(settings: Settings, period: str, form: str) -> bytes:
    """Make the table of a period, in Indonesian; ``form`` is csv or xlsx.

    Raises:
        SettingsError: that is no period.
    """
    if read_period(period) is None:
        raise SettingsError(f"{period!r} is no period; for example 2026-11, or 2026")
    migrate(settings.database_url)
    database = Database(settings.database_url)
    try:
        made = await make_table(database, make_office(settings, load_registry(), {}), Order("id", period, form))
        return made.content
    finally:
        await database.close()
