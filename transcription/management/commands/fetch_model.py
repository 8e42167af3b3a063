"""Fetch a speech model before it is needed."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from transcription.speech.engines import weights
from transcription.speech.engines.catalogue import CATALOGUE
from transcription.speech.errors import ModelError


class Command(BaseCommand):
    help = "Fetch a speech model into the models folder and check it. Needs no database."
    requires_system_checks = []
    requires_migrations_checks = False

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name", choices=list(CATALOGUE), metavar="NAME", help=", ".join(CATALOGUE))
        parser.add_argument("--force", action="store_true", help="fetch again even when the model is there")

    def handle(self, *args: Any, **options: Any) -> None:
        name = options["name"]
        try:
            folder = fetch_with_bar(self, name, force=options["force"])
        except ModelError as error:
            raise CommandError(error.message) from error
        self.stdout.write(f"The model “{name}” is in {folder}.")


def fetch_with_bar(command: BaseCommand, name: str, *, force: bool = False) -> Any:
    """The model's folder; shows a progress bar on a terminal, and every source that fails in one plain line."""
    with tqdm(desc=name, unit="B", unit_scale=True, disable=None, leave=False, file=command.stderr) as bar:

        def show(done: int, total: int) -> None:
            bar.total = total
            bar.update(done - bar.n)

        return weights.fetch(name, settings.MODELS, force=force, progress=show, report=command.stderr.write)
