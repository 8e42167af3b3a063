"""A worker process: takes jobs from the queue, says that it lives, and takes back the jobs of workers that do not."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
from concurrent.futures import ThreadPoolExecutor

import structlog
from asgiref.sync import sync_to_async
from django.conf import settings
from django.db import Error, close_old_connections
from django.utils import timezone
from procrastinate.contrib.django import app
from procrastinate.contrib.django.django_connector import DjangoConnector

from transcription import tasks
from transcription.services import attempts, closing, passing, queue

CLOSINGS = 2
"""Live recordings that are made one file at once: it is mostly waiting for the disk."""

RECEIVERS = 8
"""Webhooks that are told at once: it is waiting for their servers only."""
IMPORTS = 2
"""Files that are fetched at once."""
VIDEOS = 1
"""With captions, that are encoded at once: one takes all processors."""
PROPOSALS = 1
"""Short parts that are transcribed again at once, beside the recordings."""
OTHER_THREADS = 4
"""For what this process does beside: saying that it lives, and taking back what others lost."""

log = structlog.get_logger(__name__)


def name() -> str:
    return f"{socket.gethostname()}:{os.getpid()}"


async def run(*, concurrency: int) -> None:
    """Work until SIGTERM or SIGINT, or until the queue can no longer be reached (then it is started anew)."""
    with app.replace_connector(DjangoConnector().get_worker_connector()):
        async with app.open_async():
            await _run_parts(concurrency)


async def _run_parts(concurrency: int) -> None:
    # The loop's own pool is as large as the machine has cores, and one queue's tasks would wait for another's.
    threads = concurrency + 2 + CLOSINGS + RECEIVERS + IMPORTS + VIDEOS + PROPOSALS + OTHER_THREADS
    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(threads, thread_name_prefix="task"))
    parts = [
        asyncio.create_task(_serve(concurrency, queue.TRANSCRIBE_QUEUE, queue.URGENT_QUEUE), name="transcribe"),
        asyncio.create_task(_serve(1, queue.URGENT_QUEUE), name="urgent"),
        asyncio.create_task(_serve(1, queue.MAINTENANCE_QUEUE), name="maintenance"),
        asyncio.create_task(_serve(CLOSINGS, queue.CLOSING_QUEUE), name="closing"),
        asyncio.create_task(_serve(RECEIVERS, queue.WEBHOOKS_QUEUE), name="webhooks"),
        asyncio.create_task(_serve(IMPORTS, queue.IMPORT_QUEUE), name="imports"),
        asyncio.create_task(_serve(VIDEOS, queue.VIDEO_QUEUE), name="videos"),
        asyncio.create_task(_serve(1, queue.DATA_QUEUE), name="data"),
        asyncio.create_task(_serve(PROPOSALS, queue.PROPOSAL_QUEUE), name="proposals"),
        asyncio.create_task(_take_back(), name="take back"),
    ]
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, _stop, parts)
    log.info("worker ready", worker=name(), concurrency=concurrency)
    done, _ = await asyncio.wait(parts, return_when=asyncio.FIRST_COMPLETED)
    _stop(parts)
    results = await asyncio.gather(*parts, return_exceptions=True)
    for part, result in zip(parts, results, strict=True):
        if isinstance(result, Exception):
            log.error("worker part failed", part=part.get_name(), error=repr(result))
    log.info("worker ends", worker=name(), first=next(iter(done)).get_name())


def _stop(parts: list[asyncio.Task[None]]) -> None:
    tasks.stopping.set()
    for part in parts:
        part.cancel()


async def _serve(concurrency: int, *queues: str) -> None:
    await app.run_worker_async(
        queues=list(queues),
        name=name(),
        concurrency=concurrency,
        install_signal_handlers=False,
        fetch_job_polling_interval=2.0,
        update_heartbeat_interval=settings.HEARTBEAT_SECONDS,
        stalled_worker_timeout=settings.STALLED_SECONDS,
        shutdown_graceful_timeout=5.0,  # the supervisor kills after 6
    )


async def _take_back() -> None:
    await sync_to_async(_resume_closings)()
    while True:
        await sync_to_async(_take_back_once)()
        await asyncio.sleep(settings.HEARTBEAT_SECONDS)


def _resume_closings() -> None:
    """At once, and not at the next full minute: the server may have been away for long."""
    close_old_connections()
    try:
        closing.resume_closings()
    except Error as error:
        log.warning("the database did not answer", error=type(error).__name__)
    finally:
        close_old_connections()


def _take_back_once() -> None:
    close_old_connections()
    try:
        if count := attempts.take_back_lost_jobs(silence=settings.STALLED_SECONDS):
            log.warning("jobs taken back from lost workers", count=count)
        queue.take_back_lost_tasks(silence=settings.STALLED_SECONDS)
        if count := passing.sweep(now=timezone.now()):
            log.info("recordings deleted whose time was over", count=count)
    except Error as error:
        log.warning("the database did not answer", error=type(error).__name__)
    finally:
        close_old_connections()
