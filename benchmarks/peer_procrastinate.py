"""A job per recipient in procrastinate; run by the Python of an environment that has it. Prints [added, run] a second."""

from __future__ import annotations

import asyncio
import json
import sys
import time

import procrastinate  # type: ignore[import-not-found]  # not of this project: see benchmarks/job_queues.py


async def main(conninfo: str, jobs: int) -> None:
    """Add jobs in one batch, and run them all, 50 at once."""
    app = procrastinate.App(connector=procrastinate.PsycopgConnector(conninfo=conninfo))

    async def deliver(contact_id: int) -> None: ...

    task = app.task(name="deliver")(deliver)
    async with app.open_async():
        await app.schema_manager.apply_schema_async()
        began = time.perf_counter()
        await task.batch_defer_async(*({"contact_id": number} for number in range(jobs)))
        added = time.perf_counter() - began
        began = time.perf_counter()
        await app.run_worker_async(concurrency=50, wait=False, install_signal_handlers=False)
        ran = time.perf_counter() - began
    print(json.dumps([jobs / added, jobs / ran]))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2])))
