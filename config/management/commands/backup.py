"""``manage.py backup DIR``."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.template.defaultfilters import filesizeformat

from config.backup import BackupError, back_up


class Command(BaseCommand):
    help = "Write the database and all recordings to a new folder. Scripta may be running."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", type=Path)

    def handle(self, *args: Any, folder: Path, **options: Any) -> None:
        try:
            size = back_up(target=folder.resolve())
        except BackupError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{folder}: {filesizeformat(size)}")
