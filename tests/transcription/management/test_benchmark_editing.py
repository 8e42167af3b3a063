"""The measurements of the editor and of editing by several, small."""

import re

import pytest

from transcription.management.benchmarks.chromium import what_is_missing

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

pytestmark = [pytest.mark.server, pytest.mark.long]


@pytest.mark.browser
def test_editor_is_measured_in_a_browser_and_every_edit_is_kept(benchmark):
    if missing := what_is_missing():
        pytest.skip(missing)
    small = ("--hours", "0.4", "--words", "3600", "--rounds", "1", "--saves", "2", "--sentences", "1", "--seconds", "2")
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


@pytest.mark.browser
def test_edits_of_several_survive_cut_connections_and_killed_processes(benchmark):
    amount = ("--edits", "60", "--kills", "2", "--every", "3", "--passages", "14", "--cut", "0.2")
    done = benchmark("edit-faults", *amount, "--clients", "2", "--pages", "1")
    answers = re.findall(r"^(yes|NO ) {2}(.+)$", done.stdout, re.MULTILINE)
    assert len(answers) == 14, done.stdout + done.stderr
    assert [question for answer, question in answers if answer != "yes"] == [], done.stdout
    assert re.search(r"^acknowledged [1-9]\d+, ", done.stdout, re.MULTILINE), done.stdout
    assert done.returncode == 0, done.stdout
