"""Between the settings and the speech core: which models are offered, and the engines that this process holds."""

from __future__ import annotations

import threading
from collections import OrderedDict
from pathlib import Path

from django.conf import settings

from transcription.speech.engines.base import Engine, EngineOptions
from transcription.speech.engines.catalogue import CATALOGUE
from transcription.speech.engines.registry import load_engine

MAX_ENGINES = 2
"""Models held in memory at once; the one not used for longest goes first. base takes 0.2 GB, large-v3 2 GB (int8)."""

_engines: OrderedDict[tuple[str, str], Engine] = OrderedDict()
_lock = threading.Lock()


def offered_models() -> list[str]:
    """The default first, then every known model whose folder is on this machine. Reads names only."""
    present = [name for name in CATALOGUE if (settings.MODELS / name / "model.bin").is_file()]
    return list(dict.fromkeys([settings.MODEL, *present]))


def model_title(model: str) -> str:
    """What people are shown: a folder's own name, not the path of the server."""
    return model if model in CATALOGUE else Path(model).name


def engine_options(*, engine: str, model: str) -> EngineOptions:
    return EngineOptions(
        name=engine,
        model=model,
        models_dir=settings.MODELS,
        device=settings.DEVICE,
        compute_type=settings.COMPUTE_TYPE,
        threads=settings.THREADS,
    )


def get_engine(*, engine: str, model: str) -> Engine:
    """The engine with its model in memory: loaded once a process, fetched first when it is not on this machine.

    Raises the ``ModelError``s of the speech core.
    """
    key = (engine, model)
    with _lock:
        if key not in _engines:
            while len(_engines) >= MAX_ENGINES:
                _engines.popitem(last=False)
            _engines[key] = load_engine(engine_options(engine=engine, model=model))
        _engines.move_to_end(key)
        return _engines[key]
