"""``benchmark search --longform``: texts of a folder are searched, and what comes first is judged."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from transcription.management.benchmarks.search_quality import SEARCHES, judge

pytestmark = pytest.mark.django_db

ENGLISH = {
    "id": "printing",
    "language": "en",
    "text": "The Chinese took impressions from wood blocks engraved in relief, for centuries. "
    "The earliest book printed with movable types was the Gutenberg, or forty-two line Bible.",
}
FRENCH = {
    "id": "paris",
    "language": "fr",
    "text": "",
    "segments": [{"text": "Le vieux Paris n'est plus."}, {"text": "Un cygne qui s'était évadé de sa cage"}],
}


def test_right_passages_are_counted_and_what_else_came_first_is_told(tmp_path: Path) -> None:
    (tmp_path / "manifest.jsonl").write_text("\n".join(map(json.dumps, (ENGLISH, FRENCH))))
    said: list[str] = []
    assert judge(tmp_path, say=said.append) == 1
    wrong = dict(line.split(": ", 1) for line in said[:-1])
    assert wrong["election day tuesday"] == "nothing"
    assert not {"chinese wood block", "forty-two line bible", "cygne évadé cage", "vieux Paris"} & wrong.keys()
    right = len(SEARCHES) - len(wrong)
    assert said[-1] == f"{right} of {len(SEARCHES)} searches have the right one of 4 passages first"
