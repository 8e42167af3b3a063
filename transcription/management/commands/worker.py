"""``manage.py worker``: one worker process. Any number may run, wherever database and media can be reached."""

from __future__ import annotations

import asyncio
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from transcription import worker


class Command(BaseCommand):
    help = "Transcribe recordings as they come in, until stopped."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--concurrency", type=int, default=settings.WORKER_CONCURRENCY, help="Jobs at once.")

    def handle(self, *args: Any, concurrency: int, **options: Any) -> None:
        asyncio.run(worker.run(concurrency=concurrency))
