"""``manage.py watch_folder DIR --owner EMAIL``: files that appear in a folder become recordings."""

from __future__ import annotations

import signal
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from accounts.models import User
from transcription import whisper_service
from transcription.enums import Task
from transcription.errors import BadRequest
from transcription.management.folder import DONE, POLL_SECONDS, FolderWatch
from transcription.services.jobs import JobOptions


class Command(BaseCommand):
    help = "Make a recording of every file that appears in a folder, until stopped. Folders in it are not looked into."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", type=Path, metavar="DIR")
        parser.add_argument("--owner", required=True, metavar="EMAIL", help="whose library the recordings go to")
        parser.add_argument("--language", default="", help="spoken in the recordings, as a code (default: detect it)")
        parser.add_argument("--task", default=Task.TRANSCRIBE.value, choices=Task.values)
        parser.add_argument("--model", default=settings.MODEL, help=", ".join(whisper_service.offered_models()))
        parser.add_argument(
            "--done",
            default="move",
            choices=DONE,
            help="what becomes of an imported file: it moves into the folder “imported”, is deleted, or stays",
        )
        parser.add_argument(
            "--settle",
            type=float,
            default=5.0,
            metavar="SECONDS",
            help="a file is complete when it has not changed for so long (default 5)",
        )
        parser.add_argument("--once", action="store_true", help="take what is complete now, and end")

    def handle(self, *, folder: Path, owner: str, once: bool, **options: Any) -> None:
        user = User.objects.filter(email__iexact=owner, is_active=True).first()
        if user is None:
            raise CommandError(f"Nobody with the address {owner} may sign in.")
        if not folder.is_dir():
            raise CommandError(f"{folder} is not a folder.")
        choices = JobOptions(model=options["model"], language=options["language"], task=options["task"])
        try:
            choices.validate()
        except BadRequest as error:
            raise CommandError(error.message) from error
        watch = FolderWatch(
            folder.resolve(),
            user,
            choices,
            done=options["done"],
            settle=options["settle"],
            say=self.stdout.write,
            complain=self.stderr.write,
        )
        if once:
            watch.look()
        else:
            for number in (signal.SIGINT, signal.SIGTERM):  # also for one that a shell began in the background
                signal.signal(number, signal.default_int_handler)
            self.stdout.write(f"Watching {folder} every {POLL_SECONDS:.0f} s. Stop with Ctrl-C.")
            watch.run()
