"""Many transcripts as one ZIP."""

from __future__ import annotations

import io
import zipfile
from datetime import UTC, datetime
from unicodedata import category, normalize

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.factories import make_recording, make_transcript, make_user
from transcription.models import TranscriptSegment
from transcription.services import archives
from transcription.services.archives import Names
from transcription.services.exports import LONGEST_NAME


def unpacked(pieces) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(b"".join(pieces))) as archive:
        assert archive.testzip() is None
        return {info.filename: archive.read(info) for info in archive.infolist()}


@given(st.lists(st.text(), min_size=1, max_size=8))
def test_names_are_safe_and_none_is_there_twice(titles):
    names = Names()
    made = [names.name(title, ending=".txt") for title in titles]
    assert len({normalize("NFC", normalize("NFC", name).casefold()) for name in made}) == len(titles)
    for name in made:
        assert not set(name) & set('/\\:*?"<>|')
        assert not any(category(letter) in {"Cc", "Cf", "Cs"} for letter in name)
        assert len(name.encode()) <= LONGEST_NAME + 20
        assert (name[0] in " .-~", name.endswith(".txt")) == (False, True)


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("../../etc/passwd", "etc-passwd"),
        ("-rf", "rf"),
        ("a/b:c", "a-b-c"),
        ("a\u200bb", "a b"),
        ("NUL", "NUL_"),
        ("", "Transcript"),
        ("...", "Transcript"),
        ("Größe 日本 🎉", "Größe 日本 🎉"),
        ("é" * 200, "é" * 75),
    ],
)
def test_title_as_a_name(title, name):
    assert Names().name(title) == name


def test_same_titles_are_numbered():
    names = Names()
    assert [names.name(title, ending=".srt") for title in ("Talk", "talk", "TALK")] == [
        "Talk.srt",
        "talk (2).srt",
        "TALK (3).srt",
    ]


def test_accents_in_two_forms_are_one_name():
    """macOS unpacks both to the same file."""
    names = Names()
    assert [names.name(title, ending=".srt") for title in ("Caf\u00e9", "CAFE\u0301")] == [
        "Caf\u00e9.srt",
        "CAFE\u0301 (2).srt",
    ]


@pytest.mark.django_db
def test_archive_holds_the_shown_transcripts_and_names_what_has_none():
    owner = make_user()
    rows = [make_recording(owner, title=title) for title in ("A/B", "a/b", "Silent")]
    for row in rows[:2]:
        make_transcript(row, segments=2, words=2)
    make_transcript(rows[0], version=2, segments=1, words=1)
    files = unpacked(archives.transcripts_archive(recording_ids=[row.pk for row in rows], format="txt"))
    assert list(files) == ["A-B.txt", "a-b (2).txt", "_ Left out.txt"]
    assert files["A-B.txt"].decode().split() == ["word0.0"]
    assert files["_ Left out.txt"].decode().splitlines()[1:] == ["Silent: There is no transcript."]


@pytest.mark.django_db
def test_transcript_that_the_format_cannot_show_costs_no_other():
    owner = make_user()
    rows = [make_recording(owner, title=title) for title in ("Signs", "Words")]
    for row in rows:
        make_transcript(row)
    TranscriptSegment.objects.filter(transcript__recording=rows[0]).update(text="𓀀", words=[])
    files = unpacked(archives.transcripts_archive(recording_ids=[row.pk for row in rows], format="pdf"))
    assert list(files) == ["Words.pdf", "_ Left out.txt"]
    _, line = files["_ Left out.txt"].decode().splitlines()
    assert line.startswith("Signs: This text has characters for which the server has no font: 𓀀 ")


@pytest.mark.django_db
def test_pieces_come_one_by_one():
    """Memory holds one transcript: the first is given out before the second is read."""
    owner = make_user()
    rows = [make_recording(owner) for _ in range(2)]
    for row in rows:
        make_transcript(row)
    pieces = archives.transcripts_archive(recording_ids=[row.pk for row in rows], format="txt")
    first = next(pieces)
    rows[1].delete()
    assert list(unpacked([first, *pieces])) == ["A talk.txt", "_ Left out.txt"]


def test_times_before_1980_are_no_obstacle():
    entry = archives.entry("a", datetime(1960, 1, 2, 3, 4, 5, tzinfo=UTC), zipfile.ZIP_STORED)
    assert entry.date_time == (1980, 1, 2, 3, 4, 5)
