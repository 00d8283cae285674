"""The `rewang` command: serve, talk, understand, staff, content, recap, check, sample."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Literal

import typer

from bot.config import Settings, SettingsError, read_settings

app = typer.Typer(
    help="Rewang: layanan desa lewat Telegram, WhatsApp dan web.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
)
staff_app = typer.Typer(help="Officers and their roles.", no_args_is_help=True, rich_markup_mode=None)
content_app = typer.Typer(help="Services and other content files.", no_args_is_help=True, rich_markup_mode=None)
app.add_typer(staff_app, name="staff")
app.add_typer(content_app, name="content")


@contextmanager
def _clear_errors() -> Iterator[None]:
    """Turn what an operator can mend into one clear line and exit code 2."""
    from flows.content import ContentError
    from flows.evaluation import LabelError
    from handlers.people import StaffError
    from handlers.render import TextError

    try:
        yield
    except (SettingsError, ContentError, LabelError, StaffError, TextError) as error:
        print(f"rewang: {error}", file=sys.stderr)
        raise typer.Exit(2) from None


@app.command()
def serve() -> None:
    """Run everything: web server, Telegram, WhatsApp, senders and clock."""
    with _clear_errors():
        settings = read_settings()
        from bot.server import run

        run(settings)


@app.command()
def talk(
    name: Annotated[
        str, typer.Option("--as", help="Who is talking; the same name goes on where it left off.")
    ] = "warga",
    role: Annotated[
        Literal["villager", "volunteer", "staff"] | None, typer.Option(help="Skip the first contact.")
    ] = None,
    language: Annotated[Literal["id", "jv"] | None, typer.Option(help="Skip the first contact.")] = None,
) -> None:
    """Talk with the bot here, line by line, also from a pipe (:photo FILE, :location LAT,LON)."""
    with _clear_errors():
        settings = read_settings()
        from bot.talk import talk as run

        asyncio.run(run(settings, name, role, language))


@staff_app.command("add")
def staff_add(
    channel: Annotated[Literal["telegram", "whatsapp", "terminal"], typer.Option()],
    address: Annotated[str, typer.Option(help="The person's chat id or whatsapp:+62… number.")],
    name: Annotated[str, typer.Option(help="The name villagers see.")],
    role: Annotated[str, typer.Option(help="admin, officer, inspector or village.")] = "officer",
    village: Annotated[str | None, typer.Option(help="Official code, for the role village.")] = None,
) -> None:
    """Make somebody an officer."""
    with _clear_errors():
        settings = read_settings()
        from bot.app import now_utc
        from flows.places import load_places
        from handlers.people import StaffError, add_staff
        from storage.db import open_engine
        from storage.migrate import migrate

        if village is not None and load_places().find_code(village) is None:
            raise StaffError(f"village {village!r} is not one of the 248 official codes, as 35.05.01.2002")
        migrate(settings.database_url)
        with open_engine(settings.database_url).begin() as connection:
            number = add_staff(connection, channel, address, name, role, village, now_utc())
        print(f"{name} is {role} now (contact {number}).")


@staff_app.command("remove")
def staff_remove(
    channel: Annotated[Literal["telegram", "whatsapp", "web", "terminal"], typer.Option()],
    address: Annotated[str, typer.Option(help="The person's chat id or whatsapp:+62… number.")],
) -> None:
    """End somebody's work for the office: their requests go back to the desk, a talk is closed."""
    with _clear_errors():
        settings = read_settings()
        from bot.app import now_utc
        from handlers.people import remove_staff
        from storage.db import open_engine
        from storage.migrate import migrate

        migrate(settings.database_url)
        with open_engine(settings.database_url).begin() as connection:
            name = remove_staff(connection, channel, address, now_utc())
        print(f"{name} does not work for the office any more.")


@content_app.command("check")
def content_check() -> None:
    """Check all content files: form, lengths, keys, and both languages."""
    with _clear_errors():
        from flows.registry import load_registry

        registry = load_registry()
        found = f"{len(registry.services)} services, {len(registry.visit_kinds)} kinds of visits and {len(registry.lessons)} lessons"
        print(f"{found} are right.")


@app.command()
def understand(
    evaluate: Annotated[
        Path | None,
        typer.Option("--eval", metavar="FILE.csv", help="Measure on labelled messages: text, language, intent, slots."),
    ] = None,
    language: Annotated[Literal["id", "jv"], typer.Option(help="The writer's own language.")] = "id",
) -> None:
    """Understand messages: one a line from standard input, one JSON object a line out."""
    from bot.understanding import report, understand_lines

    with _clear_errors():
        if evaluate is not None:
            for line in report(evaluate, language):
                print(line)
            return
        for answer in understand_lines(sys.stdin, language):
            print(answer, flush=True)


@app.command()
def recap(
    period: Annotated[str, typer.Option(help="A year, month, week or day: 2026, 2026-11, 2026-W48, 2026-11-24.")],
    output: Annotated[Path, typer.Option(metavar="FILE", help="Where the table goes; it names people.")],
    form: Annotated[Literal["csv", "xlsx"], typer.Option("--format")] = "xlsx",
) -> None:
    """Write the table of visits to a file."""
    with _clear_errors():
        settings = read_settings()
        from bot.recap import recap_of

        output.write_bytes(asyncio.run(recap_of(settings, period, form)))
        print(f"{output} is written.")


@app.command()
def check() -> None:
    """Check settings, tokens, webhook, database, clock and templates; says plainly what is wrong."""
    with _clear_errors():
        settings = read_settings()
        from bot.selfcheck import run

        if not asyncio.run(run(settings)):
            raise typer.Exit(1)


@app.command()
def sample(
    contacts: Annotated[int, typer.Option(min=1, max=100_000)] = 40,
    seed: Annotated[int, typer.Option()] = 1,
) -> None:
    """Fill the database with made-up people, requests and officers, for trying out."""
    with _clear_errors():
        settings = read_settings()
        made = load_sample(settings, contacts, seed)
        print(
            f"{made} sample contacts are there."
            if made
            else "There are contacts already: sample data only goes into an empty database."
        )


def load_sample(settings: Settings, contacts: int, seed: int) -> int:
    """Load sample data into an empty database; returns how many contacts were made."""
    from bot.sample import fill
    from storage.db import open_engine
    from storage.migrate import migrate

    migrate(settings.database_url)
    engine = open_engine(settings.database_url)
    try:
        with engine.begin() as connection:
            return fill(connection, contacts, seed)
    finally:
        engine.dispose()
