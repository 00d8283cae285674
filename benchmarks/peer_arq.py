"""A job per recipient in arq; run by the Python of an environment that has it. Prints [added, run] a second."""

from __future__ import annotations

import asyncio
import json
import sys
import time

from arq import create_pool  # type: ignore[import-not-found]  # not of this project: see benchmarks/job_queues.py
from arq.connections import RedisSettings  # type: ignore[import-not-found]  # likewise
from arq.worker import Worker  # type: ignore[import-not-found]  # likewise


async def deliver(context: dict[str, object], contact_id: int) -> None:
    """Send nothing."""


async def main(socket: str, jobs: int) -> None:
    """Add jobs one by one, as its interface is, and run them all, 50 at once."""
    settings = RedisSettings(unix_socket_path=socket)
    pool = await create_pool(settings)
    began = time.perf_counter()
    for number in range(jobs):
        await pool.enqueue_job("deliver", number)
    added = time.perf_counter() - began
    worker = Worker([deliver], redis_settings=settings, burst=True, max_jobs=50, poll_delay=0.01, handle_signals=False, keep_result=0)  # fmt: skip
    began = time.perf_counter()
    await worker.async_run()
    ran = time.perf_counter() - began
    print(json.dumps([jobs / added, worker.jobs_complete / ran]))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2])))
