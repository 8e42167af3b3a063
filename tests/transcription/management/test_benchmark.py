"""The measurements of ``make bench``, small: they run, judge, and leave nothing behind."""

import re

import pytest

from transcription.speech.captions import FORMATS

pytestmark = [pytest.mark.server, pytest.mark.long]


@pytest.mark.model
def test_memory_of_a_worker_with_a_real_model_is_bounded(benchmark_as_people_do):
    done = benchmark_as_people_do("memory", "--hours", "0.01", "--engine", "faster-whisper", "--model", "base")
    last = done.stdout.splitlines()[-1]
    found = re.fullmatch(r"faster-whisper base: job done, peak (\d+) MB, RTF [\d.]+ \(\d+ s\)", last)
    assert found, done.stdout + done.stderr
    assert 200 < int(found[1]) < 1200
    assert done.returncode == 0


def test_pages_make_the_same_queries_for_a_fuller_library(benchmark):
    done = benchmark("pages", "--recordings", "120", "--hours", "0.1", "--times", "2")
    rows = re.findall(r"^(\w.*?\w) +(\d+(?: → \d+)?) +\d+ +\d+ +\d+ +\d+ +\d+$", done.stdout, re.MULTILINE)
    assert len(rows) == 11 + len(FORMATS), done.stdout + done.stderr
    assert [name for name, queries in rows if "→" in queries] == []
