"""Search: what is found, by whom, and in which order."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import User
from tests.factories import make_recording, make_user
from tests.transcription.services.search.saying import find, say, texts
from transcription.enums import JobState
from transcription.models import Job, Recording, Speaker
from transcription.services import marks, search
from transcription.services.search import Place, Wanted
from transcription.services.transcripts import newest_transcript

pytestmark = pytest.mark.django_db


def test_passage_tells_where_it_was_said(owner: User, way: None):
    transcript = say(owner, "nothing", "Ask not what your country can do for you")
    (passage,) = find(owner, "country").passages
    assert (passage.recording_id, passage.title) == (transcript.recording_id, "A talk")
    assert (passage.transcript_id, passage.index, passage.start, passage.end) == (transcript.pk, 1, 4.0, 7.0)
    assert [passage.text[start:end] for start, end in passage.highlights] == ["country"]


def test_only_what_a_library_shows_is_found(owner: User, way: None):
    say(owner, "secret of another", recording=make_recording(make_user()))
    say(owner, "secret thrown away", recording=make_recording(owner, deleted_at=timezone.now()))
    say(owner, "secret that passes", recording=make_recording(owner, delete_after=timezone.now()))
    say(owner, "secret kept")
    assert texts(owner, "secret") == ["secret kept"]


def test_version_that_is_shown_is_the_one_that_is_found(owner: User, way: None):
    for state, complete in [(JobState.TRANSCRIBING, False), (JobState.FAILED, False), (JobState.DONE, True)]:
        recording = make_recording(owner)
        first = say(owner, f"spoken {state} 1", recording=recording)
        Job.objects.create(recording=recording, transcript=first, state=JobState.DONE, engine="x", model="base")
        second = say(owner, f"spoken {state} 2", recording=recording, version=2, is_complete=complete)
        Job.objects.create(recording=recording, transcript=second, state=state, engine="x", model="base")
    shown = [newest_transcript(recording=each) for each in Recording.objects.all()]
    expected = sorted(each.segments.get().text for each in shown if each)
    assert texts(owner, "spoken") == expected == ["spoken done 2", "spoken failed 1", "spoken transcribing 1"]


def test_version_that_is_written_is_found_when_there_is_no_other(owner: User, way: None):
    recording = make_recording(owner)
    for version, state in [(1, JobState.TRANSCRIBING), (2, JobState.FAILED)]:
        transcript = say(owner, f"spoken {version}", recording=recording, version=version, is_complete=False)
        Job.objects.create(recording=recording, transcript=transcript, state=state, engine="x", model="base")
    assert texts(owner, "spoken") == ["spoken 1"]


def test_filters_leave_out_the_others(owner: User, way: None):
    german = say(owner, "wort eins", language="de").recording
    english = say(owner, "wort two").recording
    Recording.objects.filter(pk=german.pk).update(created_at=timezone.now() - timedelta(days=2))
    yesterday = timezone.now() - timedelta(days=1)
    assert texts(owner, "wort", language="de") == ["wort eins"]
    assert texts(owner, "wort", recording_id=english.pk) == ["wort two"]
    assert texts(owner, "wort", since=yesterday) == ["wort two"]
    assert texts(owner, "wort", until=yesterday) == ["wort eins"]


def test_passages_of_a_speaker_are_found(owner: User, way: None):
    transcript = say(owner, "word one", "word two", "word three")
    other = say(owner, "word four")
    Speaker.objects.create(transcript=transcript, number=1, name="Ada")
    Speaker.objects.create(transcript=other, number=2, name="Ada")
    Speaker.objects.create(transcript=other, number=1, name="Ben")
    transcript.segments.filter(index=1).update(speaker=1)
    other.segments.update(speaker=2)
    assert texts(owner, "word", speaker="Ada") == ["word four", "word two"]
    assert texts(owner, "word", speaker="Ben") == []
    assert texts(owner, "word", speaker="Ada", language="en", recording_id=other.recording_id) == ["word four"]
    assert search.speakers_of(owner) == ["Ada", "Ben"]
    assert search.speakers_of(make_user()) == []


def test_version_that_was_chosen_is_the_one_that_is_found(owner: User, way: None):
    recording = say(owner, "word first").recording
    say(owner, "word second", recording=recording, version=2)
    Recording.objects.update(shown_version=1)
    assert texts(owner, "word") == ["word first"]


def test_recordings_of_a_length_are_found(owner: User, way: None):
    for seconds in (60.0, 600.0, 3600.0, None):
        say(owner, f"word {seconds}", recording=make_recording(owner, duration=seconds))
    assert texts(owner, "word", shortest=600) == ["word 3600.0", "word 600.0"]
    assert texts(owner, "word", shortest=60, longest=600) == ["word 60.0"]


def test_best_come_first_and_pages_hold_each_once(owner: User, way: None):
    say(owner, *["one word among many that were spoken here"] * 3, "word word word")
    pages, after = [], None
    while len(pages) < 4:
        found = find(owner, "word", limit=2, after=after)
        pages.append(([passage.index for passage in found.passages], found.total))
        after = found.next
        if after is None:
            break
    assert pages == [([3, 0], 4), ([1, 2], 4)]


def test_passages_are_grouped_by_recording_the_one_with_the_best_first(owner: User, way: None):
    first = say(owner, "a word somewhere in a passage", "nothing", "word word")
    second = say(owner, *["this is a rather long passage with one word"] * 4)
    third = say(owner, "word word word")
    pages, after = [], None
    while len(pages) < 4:
        found = find(owner, "word", limit=2, each=2, after=after)
        pages.append([(each.transcript_id, each.index, each.number) for each in found.passages])
        after = found.next
        if after is None:
            break
    assert pages == [
        [(third.pk, 0, 1), (first.pk, 2, 2), (first.pk, 0, 2)],
        [(second.pk, 0, 4), (second.pk, 1, 4)],
    ]


def test_page_that_begins_behind_all_still_tells_how_many_there_are(owner: User, way: None):
    transcript = say(owner, "word")
    for each in (None, 3):
        found = find(owner, "word", after=Place(0.0, timezone.now(), transcript.pk, 0), each=each)
        assert (found.passages, found.total, found.next) == ([], 1, None)


def test_titles_are_found_by_all_their_words(owner: User):
    for title in ("Budget of 2026", "Budget of 2025", "Minutes"):
        make_recording(owner, title=title)
    make_recording(make_user(), title="Budget of another")
    make_recording(owner, title="Budget thrown away", deleted_at=timezone.now())
    titles = {
        text: [each.title for each in search.find_titles(user=owner, wanted=Wanted(text), limit=2)]
        for text in ("budget", "2025 budget", "50%", " ")
    }
    assert titles == {
        "budget": ["Budget of 2025", "Budget of 2026"],
        "2025 budget": ["Budget of 2025"],
        "50%": [],
        " ": [],
    }


def test_languages_are_those_of_what_one_may_see(owner: User):
    for language in ("en", "de", "de", ""):
        say(owner, "word", language=language)
    say(make_user(), "mot", language="fr")
    assert search.languages_of(owner) == ["de", "en"]


def test_tags_narrow_together_with_the_other_filters(owner: User, way: None) -> None:
    ones = [say(owner, "word", language="de" if n else "en") for n in range(3)]
    say(owner, "word")
    red, blue = (marks.create_tag(owner=owner, name=name) for name in ("red", "blue"))
    marks.add_tag(tag=red, recordings=[one.recording for one in ones])
    marks.add_tag(tag=blue, recordings=[ones[0].recording, ones[1].recording])
    Speaker.objects.create(transcript=ones[1], number=0, name="Ada")
    ones[1].segments.update(speaker=0)
    theirs = marks.create_tag(owner=make_user(), name="red")
    marks.add_tag(tag=theirs, recordings=[ones[0].recording])
    for wanted, expected in [
        ({"tags": (red.pk,)}, ones),
        ({"tags": (red.pk, blue.pk)}, ones[:2]),
        ({"tags": (red.pk,), "language": "de"}, ones[1:]),
        ({"tags": (blue.pk,), "speaker": "Ada"}, ones[1:2]),
        ({"tags": (blue.pk,), "recording_id": ones[2].recording_id}, []),
        ({"tags": (theirs.pk,)}, []),
        ({"tags": (2**62,)}, []),
    ]:
        found = {passage.transcript_id for passage in find(owner, "word", **wanted).passages}
        assert found == {one.pk for one in expected}, wanted
