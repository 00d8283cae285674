"""A real browser for the tests of pages; they are skipped where there is no Chromium.

Fixtures and tests that use it share the loop of the session: ``pytest.mark.asyncio(loop_scope="session")``.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser, async_playwright

PROGRAMS = ("chromium", "chromium-browser", "google-chrome")
ARGUMENTS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
)  # fmt: skip


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    """A Chromium for the whole run; each test opens its own context in it."""
    program = next(filter(None, map(shutil.which, PROGRAMS)), None)
    if program is None:
        why = f"no Chromium on PATH: none of {', '.join(PROGRAMS)}"
        if os.environ.get("REWANG_REQUIRE_BROWSER") == "1":
            pytest.fail(why)
        pytest.skip(why)
    async with async_playwright() as playwright:
        opened = await playwright.chromium.launch(executable_path=program, args=list(ARGUMENTS))
        yield opened
        await opened.close()
