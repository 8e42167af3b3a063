"""Measure accuracy on recordings with references."""

from __future__ import annotations

import time
from argparse import ArgumentParser
from itertools import islice
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from transcription.management.benchmarks import readers
from transcription.management.benchmarks.corpus import Row, Score, read_manifest
from transcription.management.commands.fetch_model import fetch_with_bar
from transcription.speech.engines.base import EngineOptions
from transcription.speech.engines.catalogue import CATALOGUE
from transcription.speech.errors import SpeechError


class Command(BaseCommand):
    help = "Transcribe the files of a manifest and compare with their references. Needs no database."
    requires_system_checks = []
    requires_migrations_checks = False

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("manifest", type=Path, help="JSON lines with file, text and language")
        parser.add_argument(
            "--engine",
            default=settings.ENGINE,
            choices=("faster-whisper", "openai-whisper", "scripted", "reference"),
            help="reference: faster-whisper's own transcribe() with the same weights",
        )
        parser.add_argument("--model", default=settings.MODEL, help="a known model or a model folder")
        parser.add_argument("--beam", type=int, default=5, help="beam size (default 5)")
        parser.add_argument("--limit", type=int, help="only the first so many files")
        parser.add_argument("--detect", action="store_true", help="detect the language instead of being told it")

    def handle(self, *args: Any, **options: Any) -> None:
        rows = list(islice(read_manifest(options["manifest"]), options["limit"]))
        if not rows:
            raise CommandError("The manifest has no row with a reference.")
        self.verbosity_high = options["verbosity"] > 1
        read, score, wrong = self._reader(options), Score(), 0
        for row in rows:
            result = self._measure(read, row, score, "" if options["detect"] else row.language)
            wrong += options["detect"] and result.language != row.language
        if options["detect"]:
            self.stdout.write(f"languages detected {len(rows) - wrong} of {len(rows)}")
        self.stdout.write(str(score))

    def _reader(self, options: dict[str, Any]) -> readers.Reader:
        engine = EngineOptions(
            name=options["engine"],
            model=options["model"],
            models_dir=settings.MODELS,
            device=settings.DEVICE,
            compute_type=settings.COMPUTE_TYPE,
            threads=settings.THREADS,
        )
        try:
            if options["model"] in CATALOGUE:
                fetch_with_bar(self, options["model"])
            if options["engine"] == "reference":
                return readers.peer("faster-whisper", engine, beam_size=options["beam"], word_times=False)
            return readers.pipeline(engine, beam_size=options["beam"])
        except SpeechError as error:
            raise CommandError(error.message) from error

    def _measure(self, read: readers.Reader, row: Row, score: Score, language: str) -> readers.Result:
        begun = time.perf_counter()
        result = read(row.path, language)
        work = time.perf_counter() - begun
        one = Score()
        for each in (one, score):
            each.add(row, result.text, audio_seconds=result.audio_seconds, work_seconds=work)
        self.stdout.write(f"{row.path.name}: {one} language {result.language}")
        if self.verbosity_high:
            self.stdout.write(f"  {result.text}")
        return result
