"""The ways by which a search goes."""

from __future__ import annotations

from typing import Any

import pytest

from transcription.services import search, search_ways


@pytest.fixture(params=["by the index", "block by block", "by reading"])
def way(request: Any, monkeypatch: Any) -> None:
    """All ways to find passages must find the same."""
    costs = {"by the index": 10.0**9, "block by block": 10.0**9, "by reading": 0.0}
    needed = 0.001 if request.param == "block by block" else 10.0**9
    size = search_ways._Size(matches=1.0, needed=needed, reading=costs[request.param])
    monkeypatch.setattr(search_ways, "_measure", lambda *_: size)
    monkeypatch.setattr(search_ways, "FEW_MATCHES", 0)


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: Any) -> None:
    monkeypatch.setattr(search, "EVEN_SECONDS", 0.001)
