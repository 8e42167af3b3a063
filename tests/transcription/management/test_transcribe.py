"""``manage.py transcribe``."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from tests.factories import DATA
from tests.server import ROOT

JFK = DATA / "jfk.flac"


@pytest.fixture
def scripted(settings):
    """No model: words are named after their time."""
    settings.ENGINE, settings.MODEL = "scripted", "0"


def transcribe(*arguments: object) -> tuple[str, str, int]:
    """What it says, what it complains of, and its status."""
    out, err = StringIO(), StringIO()
    try:
        call_command("transcribe", *map(str, arguments), stdout=out, stderr=err)
    except SystemExit as ended:
        return out.getvalue(), err.getvalue(), int(str(ended.code))
    return out.getvalue(), err.getvalue(), 0


@pytest.mark.model
def test_one_file_goes_to_the_standard_output_without_a_database(tmp_path):
    done = subprocess.run(
        [sys.executable, "manage.py", "transcribe", str(JFK), "--format", "srt", "--language", "en", "--model", "base"],
        cwd=ROOT,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "config.settings", "SCRIPTA_DATA": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert (done.returncode, done.stdout.splitlines()[0]) == (0, "1")
    assert "ask what you can do for your country." in done.stdout
    assert done.stderr.startswith("jfk.flac: 11.0 s of sound in ")
    assert not (tmp_path / "postgres").exists()


def test_several_files_are_written_beside_themselves(scripted, tmp_path):
    paths = [tmp_path / name for name in ("a.flac", "b.flac", "b.copy")]
    for path in paths:
        path.write_bytes(JFK.read_bytes())
    paths[2] = paths[2].rename(tmp_path / "b.ogg")
    out, _, status = transcribe(*paths, "--format", "vtt")
    written = {path.name: path.read_text()[:6] for path in tmp_path.glob("*.vtt")}
    assert (out, status, written) == ("", 0, dict.fromkeys(["a.vtt", "b.vtt", "b.ogg.vtt"], "WEBVTT"))


def test_files_that_cannot_be_read_do_not_keep_others_from_being_done(scripted, tmp_path):
    wrong, missing, folder = tmp_path / "notes.txt", tmp_path / "missing.mp3", tmp_path / "new" / "folder"
    wrong.write_text("This is no sound. " * 50)
    out, err, status = transcribe(wrong, missing, JFK, "--format", "json", "--output-dir", folder)
    assert (out, status, [path.name for path in folder.iterdir()]) == ("", 1, ["jfk.json"])
    assert json.loads((folder / "jfk.json").read_text())["segments"][0]["text"].startswith("w0")
    lines = err.splitlines()
    assert lines[:2] == [
        f"{wrong}: This file is not audio or video that can be read, or it is damaged.",
        f"{missing}: No such file or directory",
    ]
    assert lines[-1] == "2 of 3 could not be transcribed."


def test_result_does_not_replace_the_file_it_is_of(scripted, tmp_path):
    path = tmp_path / "talk.txt"
    path.write_bytes(JFK.read_bytes())
    assert transcribe(path, JFK, "--output-dir", tmp_path)[2] == 0
    assert path.read_bytes() == JFK.read_bytes()
    assert (tmp_path / "talk.txt.txt").read_text().startswith("w0")


def test_unknown_language_is_refused(scripted):
    with pytest.raises(CommandError, match="does not support this language"):
        transcribe(JFK, "--language", "xx")


def test_folder_that_cannot_be_made_is_told(scripted, tmp_path):
    Path(tmp_path / "file").touch()
    with pytest.raises(CommandError, match="Not a directory|File exists"):
        transcribe(JFK, "--output-dir", tmp_path / "file")


def test_text_has_times_where_that_is_wished_and_documents_need_a_folder(scripted, tmp_path):
    out, _, _ = transcribe(JFK, "--times")
    assert out.startswith("[00:00:00] w0")
    for wrong in (["--format", "srt", "--times"], ["--format", "docx"]):
        with pytest.raises(CommandError):
            transcribe(JFK, *wrong)
    assert transcribe(JFK, "--format", "docx", "--output-dir", tmp_path)[2] == 0
    assert (tmp_path / "jfk.docx").read_bytes()[:2] == b"PK"
