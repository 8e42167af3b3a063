"""Search: what is found, by whom, and where in the text."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from accounts.models import User
from tests.factories import make_recording, make_user
from transcription.enums import JobState
from transcription.errors import BadRequest
from transcription.models import Job, Recording, Speaker, Transcript, TranscriptSegment
from transcription.services import marks, search, search_ways
from transcription.services.search import Found, Page, Place, Wanted
from transcription.services.search_index import BLOCK_BITS, blocks_since
from transcription.services.transcripts import newest_transcript

pytestmark = pytest.mark.django_db


@pytest.fixture(params=["by the index", "block by block", "by reading"])
def way(request: Any, monkeypatch: Any) -> None:
    """All ways to find passages must find the same."""
    costs = {"by the index": 10.0**9, "block by block": 10.0**9, "by reading": 0.0}
    needed = 0.001 if request.param == "block by block" else 10.0**9
    size = search_ways._Size(matches=1.0, needed=needed, reading=costs[request.param])
    monkeypatch.setattr(search_ways, "_measure", lambda *_: size)
    monkeypatch.setattr(search_ways, "FEW_MATCHES", 0)


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: Any) -> None:
    monkeypatch.setattr(search, "EVEN_SECONDS", 0.001)


def say(
    owner: User, *texts: str, language: str = "en", recording: Recording | None = None, **fields: Any
) -> Transcript:
    fields = {"version": 1, "engine": "scripted", "model": "base", "is_complete": True} | fields
    recording = recording or make_recording(owner)
    transcript = Transcript.objects.create(recording=recording, language=language, **fields)
    TranscriptSegment.objects.bulk_create(
        TranscriptSegment(
            transcript=transcript, index=n, rank=n, start=4.0 * n, end=4.0 * n + 3, text=text, language=language
        )
        for n, text in enumerate(texts)
    )
    return transcript


def find(
    user: User, text: str, *, limit: int = 100, after: Place | None = None, each: int | None = None, **wanted: Any
) -> Found:
    return search.find_passages(user=user, wanted=Wanted(text, **wanted), page=Page(limit, after, each))


def texts(user: User, text: str, **wanted: Any) -> list[str]:
    return sorted(passage.text for passage in find(user, text, **wanted).passages)


def test_passage_tells_where_it_was_said(owner: User, way: None):
    transcript = say(owner, "nothing", "Ask not what your country can do for you")
    (passage,) = find(owner, "country").passages
    assert (passage.recording_id, passage.title) == (transcript.recording_id, "A talk")
    assert (passage.transcript_id, passage.index, passage.start, passage.end) == (transcript.pk, 1, 4.0, 7.0)
    assert [passage.text[start:end] for start, end in passage.highlights] == ["country"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("countries", ["Ask your country", "Two countries"]),
        ('"countries"', ["Two countries"]),
        ("ask country", ["Ask your country"]),
        ("ask or two", ["Ask your country", "Two countries"]),
        ('"your country"', ["Ask your country"]),
        ('"country your"', []),
        ("country -ask", []),
        ("countries -ask", ["Two countries"]),
        ("THE", ["The Größe"]),
        ("größe", ["The Größe"]),
        ("?!", []),
        ('"', []),
        ("absent", []),
    ],
)
def test_words_are_found_as_people_ask_for_them(owner: User, way: None, text: str, expected: list[str]):
    say(owner, "Ask your country", "Two countries", "The Größe")
    assert texts(owner, text) == expected


def test_stems_are_those_of_the_language_that_was_spoken(owner: User, way: None):
    say(owner, "Sie liefen durch die Häuser", language="de")
    say(owner, "Häuser", language="xx")
    assert texts(owner, "haus") == ["Sie liefen durch die Häuser"]
    assert texts(owner, "häuser", language="de") == ["Sie liefen durch die Häuser"]


def test_stop_words_are_highlighted_beside_stems(owner: User, way: None):
    say(owner, "To be or not to be running")
    (passage,) = find(owner, "not runs").passages
    assert [passage.text[start:end] for start, end in passage.highlights] == ["not", "running"]
    (passage,) = find(owner, '"not to be"').passages
    assert [passage.text[start:end] for start, end in passage.highlights] == ["To", "be", "not", "to", "be"]


@pytest.mark.parametrize("asked", ["beauty's", "beauty’s", '"the rose"', "“the rose”", "dash", "rose"])
def test_signs_outside_of_ascii_are_no_part_of_words(owner: User, way: None, asked: str):
    text = "beauty’s “the rose”—dash…"
    say(owner, text)
    (passage,) = find(owner, asked).passages
    assert passage.text == text
    marked = [text[start:end] for start, end in passage.highlights]
    assert marked == re.findall(r"\w+", asked)


@pytest.mark.parametrize(
    ("language", "said", "asked", "marked"),
    [
        ("ja", "私は東京都に住んでいます、京都ではなく。", "東京", ["東京"]),
        ("zh", "我们学习语言,语言很美。", "语言", ["语言", "语言"]),
        ("th", "ผมชอบภาษาไทย", "ภาษา", ["ภาษา"]),
        ("ko", "서울에 삽니다", "서울에", ["서울에"]),
        ("ar", "اللغة العربية جميلة", "العربية", ["العربية"]),
    ],
)
def test_any_part_of_a_text_is_found_in_every_writing(
    owner: User, way: None, language: str, said: str, asked: str, marked: list[str]
):
    say(owner, said, language=language)
    (passage,) = find(owner, asked).passages
    assert [passage.text[start:end] for start, end in passage.highlights] == marked
    assert texts(owner, "京東") == []


@pytest.mark.parametrize("text", ["a <b>word</b> & more", "word\x02word\x03", "see http://example.org/word?x=1 word"])
def test_odd_text_is_given_as_it_is(owner: User, way: None, text: str):
    say(owner, text)
    (passage,) = find(owner, "word").passages
    assert passage.text == text
    assert {passage.text[start:end] for start, end in passage.highlights} <= {"word"}


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


def test_edited_text_is_found_at_once(owner: User, way: None):
    transcript = say(owner, "Gutenberg")
    transcript.segments.update(text="Subiaco")
    assert (texts(owner, "Gutenberg"), texts(owner, "Subiaco")) == ([], ["Subiaco"])


def test_word_that_is_being_typed_may_be_the_beginning_of_one(owner: User, way: None):
    say(owner, "Ask your country", "your count", "your cousin")
    assert texts(owner, "your coun", is_typed=True) == ["Ask your country", "your count"]
    assert texts(owner, "your coun") == []
    for text in ("your co", '"your coun"', "coun -your", "coun "):
        assert texts(owner, text, is_typed=True) == []


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


def test_newest_are_ranked_when_there_are_too_many(owner: User, way: None, monkeypatch: Any):
    monkeypatch.setattr(search_ways, "CANDIDATES", 2)
    monkeypatch.setattr(search, "CANDIDATES", 2)
    for number in range(3):
        say(owner, f"word {number}")
    found = find(owner, "word")
    assert (found.total, found.has_more) == (2, True)
    assert sorted(passage.text for passage in found.passages) == ["word 1", "word 2"]


@pytest.mark.parametrize("text", ["a\0b", "x" * 201])
def test_text_that_cannot_be_asked_for_is_refused(owner: User, text: str):
    with pytest.raises(BadRequest):
        find(owner, text)


def test_segment_of_any_text_can_be_kept(owner: User):
    say(owner, "x" * 3000, "word " * 50_000, "<" * 100, "")
    assert find(owner, "word").total == 1


def test_newest_blocks_are_asked_first_and_then_all(owner: User, monkeypatch: Any):
    """Two are enough: of the one word the newest two blocks have them, of the other only all blocks together."""
    monkeypatch.setattr(search_ways, "CANDIDATES", 1)
    monkeypatch.setattr(search, "CANDIDATES", 1)
    monkeypatch.setattr(search_ways, "FEW_MATCHES", 0)
    size = search_ways._Size(matches=1000.0, needed=1.0, reading=10.0**9)
    monkeypatch.setattr(search_ways, "_measure", lambda *_: size)
    asked: list[str] = []
    narrowings = search_ways._narrowings
    monkeypatch.setattr(search_ways, "_narrowings", lambda *each: (asked.append(w) or w for w in narrowings(*each)))
    transcript = say(owner)
    for block, text in [(1, "rare"), (5, "word"), (9, "rare word"), (9, "word")]:
        index = transcript.segments.count()
        number = (block << BLOCK_BITS) + index
        TranscriptSegment.objects.create(
            id=number, transcript=transcript, index=index, rank=index, start=0, end=1, text=text
        )
    assert find(owner, "word").has_more
    assert asked == ["&& $$' b2'$$::tsquery"]
    asked.clear()
    assert find(owner, "rare").has_more
    assert asked[-1] == ""


def test_few_words_name_many_blocks():
    assert blocks_since(9, 9) == "' a9'"
    assert blocks_since(3, 70) == "' a3' | ' b1' | ' b2' | ' b3' | ' c1' | ' c2' | ' c3' | ' d1'"
    named = blocks_since(1, 100_000).split(" | ")
    assert len(named) < 12 + 100_000 // 256 + 2
    covered: list[int] = []
    for word in blocks_since(5, 300).split(" | "):
        size = 4 ** "abcde".index(word[2])
        covered += range(int(word[3:-1]) * size, int(word[3:-1]) * size + size)
    assert covered[:296] == list(range(5, 301))


def test_words_in_a_row_are_looked_for_among_the_newest_with_these_words(owner: User, monkeypatch: Any):
    """When enough of them have the row; else in all."""
    size = search_ways._Size(matches=1.0, needed=1.0, reading=0.0)
    monkeypatch.setattr(search_ways, "_measure", lambda *_: size)
    monkeypatch.setattr(search_ways, "LOOKED", 3)
    say(owner, "your country 1")
    say(owner, "your country 2", "country your", "your country 3", "your other country")
    for few, expected in [(2, ["your country 2", "your country 3"]), (3, [f"your country {n}" for n in (1, 2, 3)])]:
        monkeypatch.setattr(search_ways, "FEW", few)
        found = find(owner, '"your country"')
        assert sorted(passage.text for passage in found.passages) == expected
        assert (found.total, found.has_more) == (len(expected), few == 2)


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


def test_tags_are_looked_up_in_their_index(owner: User) -> None:
    """Going through all marks on the server, or all recordings, would cost everybody."""
    red, blue = (marks.create_tag(owner=owner, name=name) for name in ("red", "blue"))
    library = search.library_of(owner, Wanted("", tags=(red.pk, blue.pk)))
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
    plan = library.explain()
    assert ("tag_once" in plan, "Seq Scan" in plan) == (True, False)
    assert library.count() == 0
