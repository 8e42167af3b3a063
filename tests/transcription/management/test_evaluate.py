"""``manage.py evaluate`` and the pieces it shares with the benchmarks."""

import json
import re
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from transcription.management.benchmarks.corpus import Row, Score, read_manifest

DATA = Path(__file__).parents[2] / "data"


def write_manifest(folder: Path, *rows: dict[str, object]) -> Path:
    path = folder / "manifest.jsonl"
    path.write_text("\n".join(json.dumps(row) for row in rows))
    return path


def test_read_manifest_leaves_out_rows_without_reference(tmp_path):
    path = write_manifest(
        tmp_path,
        {"file": "a.wav", "text": "hallo", "language": "de"},
        {"file": "b.wav", "text": None},
        {"file": "c", "text": ""},
    )
    assert list(read_manifest(path)) == [Row(tmp_path / "a.wav", "hallo", "de")]


def test_score_pools_errors_over_files():
    score, row = Score(), Row(Path("a"), "cats eat small mice", "en")
    score.add(row, "cats eat small mice", audio_seconds=10.0, work_seconds=1.0)
    score.add(row, "cats eat tall mice", audio_seconds=10.0, work_seconds=3.0)
    assert str(score).startswith("WER 12.50 % CER ")
    assert str(score).endswith(" RTF 0.200 files 2")


def test_evaluate_ends_with_one_line_of_figures(tmp_path):
    path = write_manifest(tmp_path, {"file": str(DATA / "jfk.flac"), "text": "and so", "language": "en"})
    output = StringIO()
    call_command("evaluate", str(path), "--engine", "scripted", "--model", "0", stdout=output)
    last = output.getvalue().splitlines()[-1]
    assert re.fullmatch(r"WER \d+\.\d\d % CER \d+\.\d\d % RTF \d+\.\d{3} files 1", last)


def test_evaluate_manifest_without_references_is_refused(tmp_path):
    with pytest.raises(CommandError, match="no row with a reference"):
        call_command("evaluate", str(write_manifest(tmp_path, {"file": "a.wav", "text": ""})))
