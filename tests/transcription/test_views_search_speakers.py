"""The search page and the dialog: who speaks, found by name and chosen."""

from __future__ import annotations

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from tests.transcription.services.search.saying import say
from tests.transcription.test_views_search import URL, found, part
from transcription.models import Speaker
from transcription.services import search

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "EVEN_SECONDS", 0.001)


def test_speaker_whose_name_is_searched_for_is_told_with_a_link(client_of_owner: Client, owner: User):
    transcript = say(owner, "wort", "word", language="de")
    Speaker.objects.create(transcript=transcript, number=1, name="Ada <b>")
    transcript.segments.update(speaker=1)
    link = '<a href="/search/?language=de&amp;speaker=Ada+%3Cb%3E">'
    said = "Spoken by <strong>Ada &lt;b&gt;</strong>: 2 passages in 1 recording"
    content = client_of_owner.get(URL, {"q": "ada", "language": "de", "length": ""}).content.decode()
    assert (link in content, said in content, "Nothing for" in content) == (True, True, False)
    hits = part(client_of_owner, "search-hits", q="ada")
    assert (hits.count('role="option"'), said in hits, "1 speaker. No passages" in hits) == (1, True, True)
    assert "Spoken by" not in client_of_owner.get(URL, {"q": "word", "speaker": "Ada <b>"}).content.decode()
    later = client_of_owner.get(URL, {"q": "ada", "after": f"1.0~{timezone.now().isoformat()}~1"})
    assert later.context["speakers"] == []


def test_all_that_a_speaker_said_is_listed_without_words(client_of_owner: Client, owner: User):
    transcript = say(owner, *["word"] * 5)
    Speaker.objects.create(transcript=transcript, number=1, name="Ada")
    transcript.segments.update(speaker=1)
    page = client_of_owner.get(URL, {"q": "", "speaker": "Ada"})
    content = page.content.decode()
    assert ("5 passages" in content, f"?speaker=Ada&amp;recording={transcript.recording_id}" in content) == (True, True)
    only = client_of_owner.get(URL, {"speaker": "Ada", "recording": str(transcript.recording_id)}).content.decode()
    assert '<a href="/search/?speaker=Ada">Search everything</a>' in only
    nothing = client_of_owner.get(URL, {"speaker": "Ada", "length": "long"}).content.decode()
    assert ("No passages" in nothing, "Nothing for" in nothing) == (True, False)
    assert part(client_of_owner, "search-hits", q="", speaker="Ada").count('role="option"') == 5
    assert "No passages" in part(client_of_owner, "search-hits", q="", speaker="Ada", length="long")


def test_speaker_who_was_chosen_is_offered_beside_the_first(
    client_of_owner: Client, owner: User, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(search, "MOST_SPEAKERS", 1)
    transcript = say(owner, "word", "word")
    for number, name in enumerate(("Ada", "Ben"), 1):
        Speaker.objects.create(transcript=transcript, number=number, name=name)
    transcript.segments.update(speaker=2)
    assert found(client_of_owner, q="word", speaker="Ben") == [("A talk", ["word", "word"])]
    for nobody in ("Cid", "\0"):
        assert client_of_owner.get(URL, {"q": "word", "speaker": nobody}).context["is_refused"] is True


def test_speakers_offered_are_those_who_were_named(client_of_owner: Client, owner: User):
    transcript = say(owner, "wort")
    assert client_of_owner.get(URL).context["form"]["speaker"].is_hidden
    Speaker.objects.create(transcript=transcript, number=1, name="Ada")
    transcript.segments.update(speaker=1)
    form = client_of_owner.get(URL).context["form"]
    assert ([name for name, _ in form.fields["speaker"].choices], form["speaker"].is_hidden) == (["", "Ada"], False)
    assert found(client_of_owner, q="wort", speaker="Ada") == [("A talk", ["wort"])]
