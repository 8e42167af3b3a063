from __future__ import annotations

import json
import re

import pytest
from django.test import Client
from django.urls import reverse

from tests.factories import make_job, make_recording, make_transcript, share
from transcription.enums import JobState
from transcription.models import Job, TranscriptSegment, Waveform
from transcription.services import editing, edits, links
from transcription.services.recordings import move_to_trash
from transcription.speech import captions
from transcription.speech.terms import TermFinder
from transcription.templatetags.transcripts import word_times, words

pytestmark = pytest.mark.django_db
READS = ["recording", "recording-status", "segments", "waveform"]


def indices(response) -> list[int]:
    return [int(index) for index in re.findall(r'data-index="(\d+)"', response.content.decode())]


@pytest.mark.parametrize("name", READS)
def test_stranger_is_sent_to_sign_in(recording, name):
    assert Client().get(reverse(name, args=[recording.pk])).status_code == 302


@pytest.mark.parametrize("name", READS)
def test_recording_of_another_or_in_the_trash_is_not_found(client_of_owner, recording, name):
    other = make_transcript().recording
    Waveform.objects.create(recording=other, peaks=b"\0", seconds=1)
    assert client_of_owner.get(reverse(name, args=[other.pk])).status_code == 404
    assert client_of_owner.get(reverse("export", args=[other.pk, "txt"])).status_code == 404
    move_to_trash(recording=recording)
    assert client_of_owner.get(reverse(name, args=[recording.pk])).status_code == 404


def test_long_transcript_comes_in_parts(client_of_owner, recording):
    make_transcript(recording, segments=250, words=2)
    first = client_of_owner.get(reverse("recording", args=[recording.pk]))
    assert indices(first) == list(range(100))
    assert [(part["number"], part["start"]) for part in first.context["parts"]] == [(0, 0.0), (1, 400.0), (2, 800.0)]
    last = client_of_owner.get(reverse("recording", args=[recording.pk]), {"page": "99"})
    assert indices(last) == list(range(200, 250))


@pytest.mark.parametrize("segments", [1, 450])
def test_number_of_queries_does_not_depend_on_length(client_of_owner, recording, django_assert_num_queries, segments):
    make_transcript(recording, segments=segments, words=1)
    make_job(recording)
    with django_assert_num_queries(13):
        client_of_owner.get(reverse("recording", args=[recording.pk]))


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"from": "200.0", "until": "400.0"}, range(200, 400)),
        ({"from": "400"}, range(400, 450)),
        ({"from": "1e300"}, []),
        ({"from": "nan", "until": "x"}, range(450)),
        ({"after": "447"}, [448, 449]),
        ({"after": "-1"}, range(100)),
        ({"after": "x"}, range(100)),
        ({"after": ""}, range(100)),
        ({"after": "449"}, []),
    ],
)
def test_segments_of_a_part_and_after_a_place(client_of_owner, recording, query, expected):
    make_transcript(recording, segments=450, words=1, revision=7)
    response = client_of_owner.get(reverse("segments", args=[recording.pk]), query)
    assert indices(response) == list(expected)
    assert (response["X-Transcript-Version"], response["X-Transcript-Revision"]) == ("1", "7")


def test_what_was_split_off_is_not_written_since(client_of_owner, recording):
    transcript = make_transcript(recording, segments=3)
    editing.split_passage(
        transcript_id=transcript.pk, by=edits.By(recording.owner), index=0, revision=0, text="word0.0 word0.1", at=8
    )
    response = client_of_owner.get(reverse("segments", args=[recording.pk]), {"after": "1.0"})
    assert indices(response) == [2]


def test_segments_before_there_is_a_transcript(client_of_owner, recording):
    assert client_of_owner.get(reverse("segments", args=[recording.pk])).status_code == 204


def test_newest_version_is_shown(client_of_owner, recording):
    make_transcript(recording, segments=5)
    make_transcript(recording, segments=2, version=2)
    assert indices(client_of_owner.get(reverse("recording", args=[recording.pk]))) == [0, 1]


def test_page_that_left_a_version_says_where_corrections_are(client_of_owner, recording):
    old = make_transcript(recording)
    make_transcript(recording, version=2)
    address = reverse("recording", args=[recording.pk])
    told = "Version 2 is shown now. Your corrections are in version 1."
    kept = "Version 2 is shown now. Version 1, which was shown before, is kept."

    def said(left: object) -> list[bool]:
        page = client_of_owner.get(address, {"left": left}).content.decode()
        return [told in page, kept in page]

    assert said(1) == [False, True]
    editing.change_text(transcript_id=old.pk, by=edits.By(recording.owner), index=0, revision=0, text="Mine")
    assert said(1) == [True, False]
    assert [said(each) for each in (2, 3, "x")] == [[False, False]] * 3


def test_words_are_escaped_text_with_times_beside_it_and_marks():
    segment = TranscriptSegment(
        words=[
            [1.0, 1.5, " <b>", 0.9],
            [1.5, 2.0, " odd&", 0.39],
            [2.0, 2.5, "!", 0.1],
            [2.5, 3.0, " \U0001f600 ", 0.9],
        ],
        text=" <b> odd&! \U0001f600 ",
    )
    assert word_times(segment) == ' data-words="1.00,3 1.50,4 2.00,1 2.50,2"'
    assert words(segment) == (
        "&lt;b&gt;"
        ' <span data-start="1.50" class="doubt1">odd&amp;</span>'
        '<span data-start="2.00" class="doubt2">!</span>'
        " \U0001f600"
    )


def test_segment_without_words_shows_its_text():
    passage = TranscriptSegment(words=[], text=" a < b ", start=1.5)
    assert word_times(passage) == ""
    assert words(passage) == '<span data-start="1.50">a &lt; b</span>'


def test_text_carries_its_language(client_of_owner, recording):
    make_transcript(recording, segments=1, language="de")
    assert 'lang="de"' in client_of_owner.get(reverse("recording", args=[recording.pk])).content.decode()
    make_transcript(recording, segments=1, language="de", task="translate", version=2)
    translated = client_of_owner.get(reverse("recording", args=[recording.pk])).content.decode()
    assert 'lang="de"' not in translated
    assert "German, translated to English" in translated


def test_passage_in_another_language_carries_it(client_of_owner, recording):
    """Of a translation, the language of a segment is the one that was spoken, and the text is English."""
    for task, count in {"transcribe": 1, "translate": 0}.items():
        made = make_transcript(recording, segments=2, version=2 - count, task=task)
        made.segments.filter(index=1).update(language="de")
        content = client_of_owner.get(reverse("recording", args=[recording.pk])).content.decode()
        assert len(re.findall(r'<p class="seg-text"[^>]* lang="de">', content)) == count
        assert len(re.findall(r'<p class="seg-text"[^>]* lang=', content)) == count


def test_failed_job_is_explained_with_a_way_on(client_of_owner, recording):
    job = Job.objects.create(
        recording=recording,
        engine="scripted",
        model="base",
        state=JobState.FAILED,
        attempt=2,
        error_message="Broken file.",
    )
    content = client_of_owner.get(reverse("recording", args=[recording.pk])).content.decode()
    assert "Broken file." in content
    assert f"Reference J-{job.pk}-2" in content
    assert reverse("job-retry", args=[recording.pk]) in content


def test_finished_without_speech_says_so(client_of_owner, recording):
    make_transcript(recording, segments=0)
    Job.objects.create(recording=recording, engine="scripted", model="base", state=JobState.DONE)
    content = client_of_owner.get(reverse("recording", args=[recording.pk])).content.decode()
    assert "No speech was found in this recording." in content


def test_waveform_is_numbers_from_0_to_1(client_of_owner, recording):
    url = reverse("waveform", args=[recording.pk])
    assert client_of_owner.get(url).status_code == 204
    Waveform.objects.create(recording=recording, peaks=bytes([0, 51, 255]), seconds=1.5)
    assert client_of_owner.get(url).json() == {"peaks": [0.0, 0.2, 1.0], "seconds": 1.5}


def test_export_is_a_file_named_after_the_title(client_of_owner, owner):
    recording = make_recording(owner, title="Über/alles")
    make_transcript(recording, segments=1, words=2)
    response = client_of_owner.get(reverse("export", args=[recording.pk, "json"]))
    assert response["Content-Type"] == "application/json"
    assert response["Content-Disposition"] == "attachment; filename*=utf-8''%C3%9Cber-alles.json"
    assert json.loads(response.content)["language"] == "en"
    assert client_of_owner.get(reverse("export", args=[recording.pk, "exe"])).status_code == 404


def test_export_before_there_is_a_transcript(client_of_owner, recording):
    assert client_of_owner.get(reverse("export", args=[recording.pk, "txt"])).status_code == 404


def with_terms(recording, terms: str) -> None:
    """A transcript of a job that was told of them."""
    transcript = make_transcript(recording, segments=2, words=2)
    job = make_job(recording, vocabulary=terms)
    Job.objects.filter(pk=job.pk).update(transcript=transcript, state=JobState.DONE)


def test_terms_of_the_vocabulary_are_marked(client_of_owner, recording):
    with_terms(recording, "WORD1.0\nelsewhere")
    segment = TranscriptSegment.objects.get(index=1)
    said = 'title="One of the names and terms that the transcription was told of"'
    described = said.replace("title", "aria-description")
    expected = f'<span data-start="4.00" class="term doubt1" {said} {described}>word1.0</span>'
    assert words(segment, TermFinder(["word1.0"])) == f"{expected} word1.1"
    for name in ("recording", "segments"):
        page = client_of_owner.get(reverse(name, args=[recording.pk]))
        assert (page.content.decode().count("aria-description="), 'id="show-terms"' in page.content.decode()) == (
            1,
            name == "recording",
        )
    reader = Client()
    reader.force_login(share(recording), backend="django.contrib.auth.backends.ModelBackend")
    assert b"aria-description=" in reader.get(reverse("recording", args=[recording.pk])).content


def test_terms_are_marked_in_no_file_and_not_by_a_link(client_of_owner, recording):
    with_terms(recording, "word1.0")
    for format in captions.FORMATS:
        assert b"told of" not in b"".join(client_of_owner.get(reverse("export", args=[recording.pk, format])))
    _link, token = links.create_link(
        recording=recording, user=recording.owner, choices=links.LinkChoices(kind="transcript")
    )
    page = Client().get(reverse("shared", args=[token])).content.decode()
    assert ("word1.0</span>" in page, "aria-description=" in page, "show-terms" in page) == (True, False, False)


def test_without_terms_there_is_no_switch(client_of_owner, recording):
    with_terms(recording, "")
    assert "show-terms" not in client_of_owner.get(reverse("recording", args=[recording.pk])).content.decode()


def test_times_are_taken_from_a_player_only_where_there_is_one(client_of_owner, recording):
    make_transcript(recording)
    address = reverse("recording", args=[recording.pk])
    recording.media = "a.flac"
    recording.save(update_fields=["media"])
    playing = client_of_owner.get(address).content.decode()
    recording.media = ""
    recording.save(update_fields=["media"])
    silent = client_of_owner.get(address).content.decode()
    reader = Client()
    reader.force_login(share(recording), backend="django.contrib.auth.backends.ModelBackend")
    read = reader.get(address).content.decode()
    asks = ('id="times-dialog"', 'data-do="times"', "data-take=")
    assert [[each in page for each in asks] for page in (playing, silent, read)] == [
        [True, True, True],
        [True, True, False],
        [False, False, False],
    ]


def keys(page: str) -> list[str]:
    """Beside the search in the header, then beside each "/" or search in the help."""
    header = re.findall(r'<kbd class="needs-js"[^>]*>(.+?)</kbd>', page)
    told = re.findall(r"<dt>((?:(?!</dt>).)*)</dt><dd>(?:Search all recordings|Find and replace)</dd>", page)
    return header + [" ".join(re.sub("<[^>]+>", "", each).split()) for each in told]


def test_keys_are_told_as_they_are_on_this_page(client_of_owner, recording):
    make_transcript(recording)
    address = reverse("recording", args=[recording.pk])
    assert keys(client_of_owner.get(address).content.decode()) == ["Ctrl K", "Ctrl K", "/"]
    reader = Client()
    reader.force_login(share(recording), backend="django.contrib.auth.backends.ModelBackend")
    assert keys(reader.get(address).content.decode()) == ["/", "/ or Ctrl K"]
    _link, token = links.create_link(
        recording=recording, user=recording.owner, choices=links.LinkChoices(kind="transcript")
    )
    assert keys(Client().get(reverse("shared", args=[token])).content.decode()) == []
