"""`python -m bot` is `rewang`."""

from bot.cli import app

app()
