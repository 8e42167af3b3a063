"""``manage.py benchmark NAME``: the large measurements, each in its own module of ``management.benchmarks``."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from transcription.management.benchmarks import (
    edit_faults,
    editor,
    faults,
    live,
    live_faults,
    live_load,
    live_silence,
    live_talk,
    memory,
    memory_web,
    openai,
    pages,
    search,
    speed,
)

MEASUREMENTS = {
    "edit-faults": edit_faults,
    "editor": editor,
    "faults": faults,
    "live": live,
    "live-faults": live_faults,
    "live-load": live_load,
    "live-silence": live_silence,
    "live-talk": live_talk,
    "memory": memory,
    "openai": openai,
    "pages": pages,
    "search": search,
    "speed": speed,
    "memory-web": memory_web,
}
"""Each module has ``HELP``, ``add_arguments(parser)`` and ``run(*, say, **options)``, which returns an exit status."""


class Command(BaseCommand):
    help = "Measure Scripta at full size (minutes to hours). The status is 1 when a requirement is missed."
    requires_system_checks = []  # measured in a folder of its own, whose servers are not up yet

    def add_arguments(self, parser: ArgumentParser) -> None:
        parts = parser.add_subparsers(dest="name", required=True)
        for name, module in MEASUREMENTS.items():
            module.add_arguments(parts.add_parser(name, help=module.HELP))

    def handle(self, *args: Any, name: str, **options: Any) -> None:
        if status := MEASUREMENTS[name].run(say=self._say, **options):
            sys.exit(status)

    def _say(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()
