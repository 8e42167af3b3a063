"""Files of transcripts: their names, their options, and the report of their captions."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from docx import Document
from hypothesis import given, settings
from hypothesis import strategies as st
from pypdf import PdfReader

from tests.factories import make_recording, make_transcript
from transcription.errors import CannotExport
from transcription.models import Recording, Transcript, TranscriptSegment
from transcription.services import exports


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("A talk", "A talk.srt"),
        ('Über/alles: <1> "2" |3| ?4* \\5', "Über-alles- -1- -2- -3- -4- -5.srt"),
        ("../../etc/passwd", "etc-passwd.srt"),
        ("..", "Transcript.srt"),
        (".hidden", "hidden.srt"),
        ("CON", "CON_.srt"),
        ("nul.txt", "nul_.txt.srt"),
        ("dots at the end...", "dots at the end.srt"),
        ("a\r\nSet-Cookie: b\x00c\x7f", "a Set-Cookie- b c.srt"),
        ("right\u202eto\u2066left\u200b", "right to left.srt"),
        ("   ", "Transcript.srt"),
        ("会議の記録 🎉", "会議の記録 🎉.srt"),
        ("~root", "root.srt"),
        ("100 % of $HOME; rm -rf `x` 'y'", "100 % of $HOME; rm -rf `x` 'y'.srt"),
    ],
)
def test_file_name_is_safe_everywhere(title, name):
    assert exports.file_name(title=title, extension="srt") == name


def test_file_name_fits_every_file_system():
    for title in ("x" * 200, "字" * 200, "👩‍👩‍👧‍👦" * 60):
        assert 100 < len(exports.file_name(title=title, extension="docx").encode()) <= 155


@given(st.text(max_size=200))
@settings(max_examples=200, deadline=None)
def test_no_title_makes_a_dangerous_name(title):
    name = exports.file_name(title=title, extension="srt")
    assert name.endswith(".srt")
    assert len(name) > len(".srt")
    assert not set(name) & set('/\\:*?"<>|\0\r\n\t')
    assert name[0] not in ".- ~"
    assert len(name.encode()) <= 160


@pytest.mark.django_db
def test_character_without_a_font_is_said():
    transcript = make_transcript()
    TranscriptSegment.objects.filter(index=0).update(text="𓀀", words=[])
    with pytest.raises(CannotExport) as raised:
        exports.export_transcript(transcript=transcript, format="pdf")
    assert "no font: 𓀀" in raised.value.message
    assert exports.export_transcript(transcript=transcript, format="docx").extension == "docx"


@pytest.mark.django_db
def test_document_is_of_the_day_of_the_recording(settings):
    """Here, not in Greenwich; a program is told when the text was made."""
    settings.TIME_ZONE = "Pacific/Auckland"
    transcript = make_transcript()
    Recording.objects.update(created_at=datetime(2026, 1, 2, 20, tzinfo=UTC))
    Transcript.objects.update(created_at=datetime(2026, 2, 1, tzinfo=UTC))
    transcript = Transcript.objects.select_related("recording").get(pk=transcript.pk)
    contents = {
        format: exports.export_transcript(transcript=transcript, format=format).content
        for format in ("docx", "pdf", "json")
    }
    assert "2026-01-03 · " in "\n".join(each.text for each in Document(io.BytesIO(contents["docx"])).paragraphs)
    assert "2026-01-03 · " in PdfReader(io.BytesIO(contents["pdf"])).pages[0].extract_text()
    assert json.loads(contents["json"])["created"] == "2026-02-01T00:00:00+00:00"


@pytest.mark.django_db
def test_captions_of_an_import_are_not_cut_anew():
    transcript = make_transcript(engine="import", segments=1)
    TranscriptSegment.objects.update(text="As it\nwas", words=[])
    content = exports.export_transcript(transcript=transcript, format="srt").content
    assert content == b"1\n00:00:00,000 --> 00:00:03,000\nAs it\nwas\n\n"


@pytest.mark.django_db
def test_report_is_kept_until_the_transcript_changes():
    transcript = make_transcript(make_recording())
    first = exports.check_captions(transcript=transcript, format="srt")
    with CaptureQueriesContext(connection) as made:
        assert exports.check_captions(transcript=transcript, format="srt") is first
    assert len(made) == 0
    TranscriptSegment.objects.filter(index=0).update(text="Other", words=[])
    Transcript.objects.update(revision=1)
    transcript.refresh_from_db()
    assert exports.check_captions(transcript=transcript, format="srt")[0].lines[0] == "Other"


@pytest.mark.django_db
def test_translation_is_written_as_the_english_that_it_is() -> None:
    transcript = make_transcript(make_recording(), segments=1, language="ar", task="translate")
    TranscriptSegment.objects.filter(transcript=transcript).update(language="ar", text="Word by word.", words=[])
    assert "\u200f" not in exports.export_transcript(transcript=transcript, format="ass").content.decode()
    told = json.loads(exports.export_transcript(transcript=transcript, format="json").content)
    assert (told["language"], told["segments"][0]["language"]) == ("ar", "ar")
