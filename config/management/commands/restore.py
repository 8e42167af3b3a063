"""``manage.py restore DIR``."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from config import schema
from config.backup import BackupError, restore


class Command(BaseCommand):
    help = "Replace the database and all recordings by those of a backup. Stop Scripta first."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", type=Path)
        parser.add_argument("--force", action="store_true", help="Also when there is something that would be replaced.")

    def handle(self, *args: Any, folder: Path, force: bool, **options: Any) -> None:
        try:
            restore(source=folder.resolve(), force=force)
        except BackupError as error:
            raise CommandError(str(error)) from error
        schema.bring_up_to_date()  # a backup of an older version
        self.stdout.write(f"Restored from {folder}.")
