"""The measurements of ``make bench``, small: they run, judge, and leave nothing behind."""

import json
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from transcription.management.benchmarks.chromium import what_is_missing
from transcription.speech.captions import FORMATS

ROOT = Path(__file__).parents[3]
EDITOR_FIGURES = [
    "first byte of the page",
    "first paint",
    "largest paint",
    "until a passage can be edited",
    "memory, at the end of each part",
    "until the end is there",
    "longest frame, jumping to the end and back",
    "longest frame, scrolling through all",
    "longest frame, typing",
    "from a key to its letter on the screen",
    "longest frame, saving, passage after passage",
    "saving an edit",
    "– its request",
    "– what changed, fetched",
    "longest frame, playing",
    "memory, without garbage, at the end",
]

pytestmark = pytest.mark.server


@pytest.fixture
def benchmark():
    """Runs one measurement as a command; its own folder must be gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="scripta-") as folder:  # pytest's own have names too long for sockets

        def run(*arguments: str) -> subprocess.CompletedProcess[str]:
            own = {"DJANGO_SETTINGS_MODULE": "config.settings", "TMPDIR": folder}
            command = [sys.executable, "manage.py", "benchmark", *arguments]
            return subprocess.run(
                command, cwd=ROOT, env=os.environ | own, capture_output=True, text=True, check=False, timeout=170
            )

        yield run
        assert list(Path(folder).glob("scripta-*")) == []


@pytest.mark.model
def test_memory_of_a_worker_with_a_real_model_is_bounded(benchmark):
    done = benchmark("memory", "--hours", "0.01", "--engine", "faster-whisper", "--model", "base")
    last = done.stdout.splitlines()[-1]
    found = re.fullmatch(r"faster-whisper base: job done, peak (\d+) MB, RTF [\d.]+ \(\d+ s\)", last)
    assert found, done.stdout + done.stderr
    assert 200 < int(found[1]) < 1200
    assert done.returncode == 0


def test_pages_make_the_same_queries_for_a_fuller_library(benchmark):
    done = benchmark("pages", "--recordings", "120", "--hours", "0.1")
    rows = re.findall(r"^(\w.*?\w) +(\d+(?: → \d+)?) +\d+ +\d+ +\d+ +\d+ +\d+$", done.stdout, re.MULTILINE)
    assert len(rows) == 11 + len(FORMATS), done.stdout + done.stderr
    assert [name for name, queries in rows if "→" in queries] == []


@pytest.mark.browser
def test_editor_is_measured_in_a_browser_and_every_edit_is_kept(benchmark):
    if missing := what_is_missing():
        pytest.skip(missing)
    small = ("--hours", "0.6", "--words", "5400", "--rounds", "1", "--saves", "2", "--sentences", "1", "--seconds", "3")
    done = benchmark("editor", *small)
    rows = re.findall(r"^(\S.*?\S) {2,}\d+ +\d+ +\d+(?: +\d+)?(?: +MISSED)?$", done.stdout, re.MULTILINE)
    assert rows == EDITOR_FIGURES, done.stdout + done.stderr
    assert re.search(r"^edits acknowledged: ([3-9]|\d\d); in the log: \1$", done.stdout, re.MULTILINE), done.stdout
    assert "problem" not in done.stdout


def test_editor_says_what_is_missing_without_a_browser(benchmark, monkeypatch):
    monkeypatch.setenv("CHROMIUM", "/nowhere")
    done = benchmark("editor")
    assert done.returncode == 2
    assert "This is measured in a browser. Chromium is not installed" in done.stdout


def test_killed_processes_lose_no_acknowledged_sample_and_no_final_word(benchmark):
    done = benchmark("live-faults", "--kills", "3", "--every", "6", "--speakers", "2", "--seconds", "30")
    said = done.stdout
    assert re.search(r"^acknowledged samples [1-9]\d+, lost 0$", said, re.MULTILINE), said + done.stderr
    assert re.search(r"^final words [1-9]\d+, lost 0, doubled 0$", said, re.MULTILINE), said
    assert done.returncode == 0, said


@pytest.mark.browser
def test_edits_of_several_survive_cut_connections_and_killed_processes(benchmark):
    amount = ("--edits", "60", "--kills", "2", "--every", "3", "--passages", "14", "--cut", "0.2")
    done = benchmark("edit-faults", *amount, "--clients", "2", "--pages", "1")
    answers = re.findall(r"^(yes|NO ) {2}(.+)$", done.stdout, re.MULTILINE)
    assert len(answers) == 14, done.stdout + done.stderr
    assert [question for answer, question in answers if answer != "yes"] == [], done.stdout
    assert re.search(r"^acknowledged [1-9]\d+, ", done.stdout, re.MULTILINE), done.stdout
    assert done.returncode == 0, done.stdout


def test_many_connections_are_all_acknowledged(benchmark):
    done = benchmark("live-load", "--sockets", "8", "--seconds", "12", "--speech", "3")
    found = re.search(r"^(\d+) final segments; lost or broken: (\d+)", done.stdout, re.MULTILINE)
    assert found, done.stdout + done.stderr
    assert found[2] == "0", done.stdout


def test_live_figures_of_a_server_are_told_and_judged(benchmark, tmp_path):
    """Those times depend on the machine, so that the status does; what is asserted does not."""
    stream = tmp_path / "jfk.flac"
    stream.write_bytes((ROOT / "tests" / "data" / "jfk.flac").read_bytes())
    words = [{"word": f"w{slot}", "start": slot / 2, "end": slot / 2 + 0.5} for slot in range(22)]
    known = {"text": " ".join(word["word"] for word in words), "words": words}
    stream.with_suffix(".json").write_text(json.dumps(known))
    done = benchmark("live", str(stream), "--engine", "scripted", "--rounds", "1", "--speakers", "1", "2")
    rows = re.findall(r"^\| scripta \| jfk \| (\d) \| -?[\d.]+ / [\d.]+ \|", done.stdout, re.MULTILINE)
    assert rows == ["1", "2"], done.stdout + done.stderr
    assert "holds  one speaker too many is refused: 1013" in done.stdout
    assert "holds  nobody was disturbed" in done.stdout
