"""``manage.py transcribe FILE…``: the pipeline without a server."""

from __future__ import annotations

import sys
import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from tqdm import tqdm

from transcription import whisper_service
from transcription.enums import Task
from transcription.management.commands.fetch_model import fetch_with_bar
from transcription.speech import audio, batch, captions
from transcription.speech.engines.base import Engine, require_language
from transcription.speech.engines.catalogue import CATALOGUE
from transcription.speech.errors import SpeechError
from transcription.speech.types import Segment, TranscribeOptions


class Command(BaseCommand):
    help = (
        "Transcribe files without a server and without a database. One result goes to the standard output, several go "
        "beside their files, unless there is an output folder; earlier results are replaced. The status is 1 when a "
        "file could not be read; the others are done all the same."
    )
    requires_system_checks = []
    requires_migrations_checks = False

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("files", type=Path, nargs="+", metavar="FILE")
        parser.add_argument("--format", default="txt", choices=list(captions.FORMATS), help="(default txt)")
        parser.add_argument("--times", action="store_true", help="with times, in text, which leaves them out")
        parser.add_argument(
            "--output-dir", type=Path, metavar="DIR", help="where the results go; it is made if need be"
        )
        parser.add_argument("--language", default="", help="spoken in the files, as a code (default: detect it)")
        parser.add_argument("--task", default=Task.TRANSCRIBE.value, choices=Task.values)
        parser.add_argument(
            "--model", default=settings.MODEL, help="a known model or a model folder (default %(default)s)"
        )

    def handle(self, *, files: list[Path], output_dir: Path | None, format: str, **options: Any) -> None:
        if captions.FORMATS[format].is_binary and output_dir is None and len(files) == 1:
            raise CommandError(f"{captions.FORMATS[format].label} files need a folder: name one with --output-dir.")
        if options["times"] and captions.FORMATS[format].times is None:
            raise CommandError(f"{format} has no choice of times.")
        engine = self._engine(options["model"], options["language"])
        wish = TranscribeOptions(language=options["language"], task=options["task"], beam_size=settings.BEAM_SIZE)
        try:
            targets = _targets(files, output_dir, captions.FORMATS[format].extension)
        except OSError as error:
            raise CommandError(f"{output_dir}: {error.strerror}") from error
        failed = sum(
            not self._do(path, target, engine, wish, format, times=options["times"])
            for path, target in zip(files, targets, strict=True)
        )
        if failed:
            self.stderr.write(f"{failed} of {len(files)} could not be transcribed.")
            sys.exit(1)

    def _engine(self, model: str, language: str) -> Engine:
        try:
            if model in CATALOGUE and settings.ENGINE != "scripted":
                fetch_with_bar(self, model)
            engine = whisper_service.get_engine(engine=settings.ENGINE, model=model)
            require_language(language, engine.languages)
            return engine
        except SpeechError as error:
            raise CommandError(error.message) from error

    def _do(
        self, path: Path, target: Path | None, engine: Engine, wish: TranscribeOptions, format: str, *, times: bool
    ) -> bool:
        began = time.monotonic()
        try:
            with path.open("rb"):  # the decoder would only say that it cannot read it
                pass
            document = _transcribe(path, engine, wish, show=self.stderr)
            content = captions.export(format, document, times=times or None).content
            if target is None:
                self.stdout.write(content.decode(), ending="")
            else:
                target.write_bytes(content)
        except SpeechError as error:
            self.stderr.write(f"{path}: {error.message}")
            return False
        except OSError as error:
            self.stderr.write(f"{path}: {error.strerror}")
            return False
        seconds = time.monotonic() - began
        self.stderr.write(
            f"{path.name}: {document.duration:.1f} s of sound in {seconds:.1f} s" + (f", {target}" if target else "")
        )
        return True


def _transcribe(path: Path, engine: Engine, wish: TranscribeOptions, *, show: Any) -> captions.TranscriptDocument:
    """Raises SpeechError. Progress is shown where ``show`` is a terminal."""
    segments: list[Segment] = []
    language = wish.language
    limits = audio.Limits(max_seconds=settings.MAX_DURATION_HOURS * 3600)
    with (
        audio.decode(path, limits=limits) as decoder,
        tqdm(desc=path.name, unit="s", disable=None, leave=False, file=show) as bar,
    ):
        for checkpoint in batch.transcribe(decoder, engine, wish):
            segments += checkpoint.segments
            language = checkpoint.language
            bar.total = decoder.info.duration if decoder.info else None
            bar.update(round(checkpoint.position, 1) - bar.n)
        duration = decoder.position
    return captions.TranscriptDocument(
        title=path.stem,
        language="en" if wish.task == "translate" else language,
        duration=duration,
        segments=tuple(segments),
        created=timezone.now(),
        model=engine.model,
        engine=engine.name,
    )


def _targets(files: list[Path], folder: Path | None, extension: str) -> list[Path | None]:
    """Where each result goes, None for the standard output; no two of them to the same place."""
    if folder is None and len(files) == 1:
        return [None]
    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True)
    targets: list[Path] = []
    for path in files:
        target = (folder or path.parent) / f"{path.stem}.{extension}"
        if target in targets or target in files:
            target = target.with_name(f"{path.name}.{extension}")
        while target in targets:
            target = target.with_name(f"{target.stem}-2.{extension}")
        targets.append(target)
    return list(targets)
