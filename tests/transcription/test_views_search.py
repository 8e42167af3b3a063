"""The search page, and the lists that its scripts ask for."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from tests.factories import make_recording, make_user
from tests.transcription.services.search.saying import say
from transcription.errors import SearchTooSlow
from transcription.models import Recording, Speaker
from transcription.services import marks, search, search_words

pytestmark = pytest.mark.django_db
URL = "/search/"


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "EVEN_SECONDS", 0.001)


def found(client: Client, **query: str) -> list[tuple[str, list[str]]]:
    """Titles of recordings, and passages of each."""
    context = client.get(URL, query).context
    return [(group.first.title, [passage.text for passage in group.passages]) for group in context["groups"]]


def part(client: Client, target: str, **query: str) -> str:
    return client.get(URL, query, headers={"HX-Request": "true", "HX-Target": target}).content.decode()


def test_stranger_is_sent_to_sign_in():
    response = Client().get(URL, {"q": "word"})
    assert (response.status_code, response.url) == (302, f"{reverse('accounts:sign-in')}?next=/search/%3Fq%3Dword")


def test_page_without_words_tells_how_to_search(client_of_owner: Client, owner: User):
    for query in ({}, {"q": " "}, {"q": "", "language": ""}):
        response = client_of_owner.get(URL, query)
        assert (response.status_code, response.context["has_recordings"]) == (200, False)
        assert "There is nothing to search in yet." in response.content.decode()
    make_recording(owner)
    assert "both words, in any of their forms" in client_of_owner.get(URL).content.decode()


def test_passages_are_grouped_and_link_to_their_times(client_of_owner: Client, owner: User):
    titled = make_recording(owner, title="A & B")
    transcript = say(owner, "Ask <b>not</b>", "what your country can do", recording=titled)
    say(make_user(), "another's country")
    assert found(client_of_owner, q="countries") == [("A & B", ["what your country can do"])]
    content = client_of_owner.get(URL, {"q": "countries"}).content.decode()
    assert f'href="/recordings/{transcript.recording_id}/#t=4.00"' in content
    assert "what your <mark>country</mark> can do" in content
    assert "A &amp; B" in content
    assert "Ask &lt;b&gt;<mark>not</mark>&lt;/b&gt;" in client_of_owner.get(URL, {"q": "not"}).content.decode()


def test_few_passages_of_a_recording_are_shown_and_the_others_named(client_of_owner: Client, owner: User):
    transcript = say(owner, *["word"] * 5)
    content = client_of_owner.get(URL, {"q": "word"}).content.decode()
    assert "2 more passages" in content
    assert f"?q=word&amp;recording={transcript.recording_id}" in content
    only = {"q": "word", "recording": str(transcript.recording_id)}
    assert found(client_of_owner, **only) == [("A talk", ["word"] * 5)]
    content = client_of_owner.get(URL, only).content.decode()
    assert "Only in <strong><bdi>A talk</bdi></strong>." in content
    assert "more passages" not in content


def test_more_recordings_follow_by_the_link(client_of_owner: Client, owner: User):
    for number in range(12):
        say(owner, "word", recording=make_recording(owner, title=f"{number}"))
    context = client_of_owner.get(URL, {"q": "word"}).context
    assert [group.first.title for group in context["groups"]] == [f"{number}" for number in range(11, 1, -1)]
    response = client_of_owner.get(f"{URL}?{context['more']}")
    assert [group.first.title for group in response.context["groups"]] == ["1", "0"]
    assert "more" not in response.context
    rest = client_of_owner.get(f"{URL}?{context['more']}", headers={"HX-Request": "true", "HX-Target": "search-more"})
    assert rest.content.decode().count("<article") == 2
    assert "<html" not in rest.content.decode()


@pytest.mark.parametrize(
    "after",
    [
        "x",
        "1~2~3",
        "nan~2026-11-26T09:00:00~1",
        f"1.0~2026-11-26T09:00:00+00:00~{2**63}",
        "1~9999-12-31T23:59:59-23:59~5",
        "1~0001-01-01T00:00:00+23:59~5",
    ],
)
def test_link_to_nowhere_begins_at_the_beginning(client_of_owner: Client, owner: User, after: str):
    say(owner, "word")
    assert found(client_of_owner, q="word", after=after) == [("A talk", ["word"])]


def test_filters_leave_out_the_others(client_of_owner: Client, owner: User):
    long = say(owner, "wort lang", language="de", recording=make_recording(owner, title="long", duration=4000.0))
    say(owner, "wort short", recording=make_recording(owner, title="short"))
    Recording.objects.filter(pk=long.recording_id).update(created_at=timezone.now() - timedelta(days=2))
    today, yesterday = timezone.localdate().isoformat(), (timezone.localdate() - timedelta(days=1)).isoformat()
    for query, titles in [
        ({}, ["short", "long"]),
        ({"language": "de"}, ["long"]),
        ({"length": "long"}, ["long"]),
        ({"length": "short"}, ["short"]),
        ({"length": "middling"}, []),
        ({"from": today, "to": today}, ["short"]),
        ({"to": yesterday}, ["long"]),
        ({"from": "", "to": "9999-12-31", "length": "", "language": ""}, ["short", "long"]),
    ]:
        assert sorted(title for title, _ in found(client_of_owner, q="wort", **query)) == sorted(titles), query


def test_tags_are_offered_and_narrow(client_of_owner: Client, owner: User):
    assert "With all of these tags" not in client_of_owner.get(URL).content.decode()
    tagged = say(owner, "word", recording=make_recording(owner, title="tagged")).recording
    say(owner, "word", recording=make_recording(owner, title="bare"))
    red, blue = (marks.create_tag(owner=owner, name=name) for name in ("red", "<b>blue"))
    marks.add_tag(tag=red, recordings=[tagged])
    theirs = marks.create_tag(owner=make_user(), name="theirs")
    page = client_of_owner.get(URL, {"q": "word", "tag": [red.pk]})
    assert [group.first.title for group in page.context["groups"]] == ["tagged"]
    assert (page.context["form"].is_narrowed, page.context["query"]) == (True, f"q=word&tag={red.pk}")
    assert ("&lt;b&gt;blue" in page.content.decode(), "theirs" in page.content.decode()) == (True, False)
    nothing = client_of_owner.get(URL, {"q": "word", "tag": [red.pk, blue.pk]}).content.decode()
    assert "Something may be there in other recordings." in nothing
    for wrong in (theirs.pk, "x", "9" * 30):
        assert client_of_owner.get(URL, {"q": "word", "tag": wrong}).context["is_refused"] is True


def test_languages_offered_are_those_that_were_said(client_of_owner: Client, owner: User):
    say(owner, "wort", language="de")
    form = client_of_owner.get(URL).context["form"]
    assert [code for code, _ in form.fields["language"].choices] == ["", "de"]
    form = client_of_owner.get(URL, {"q": "a", "language": "fr"}).context["form"]
    assert [code for code, _ in form.fields["language"].choices] == ["", "fr", "de"]


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ({"q": "x" * 201}, "Search for: Search for at most 200 characters."),
        ({"q": "a\0b"}, "Search for: Null characters are not allowed."),
        ({"q": "a", "language": "xx"}, "Language: Select a valid choice. xx is not one of the available choices."),
        ({"q": "a", "from": "soon"}, "From: Enter a valid date."),
        ({"q": "a", "from": "2026-01-02", "to": "2026-01-01"}, "To: This day is before the first."),
    ],
)
def test_search_that_means_nothing_says_why(client_of_owner: Client, query: dict[str, str], said: str):
    response = client_of_owner.get(URL, query)
    assert response.status_code == 200
    assert f"<p>{said}</p>" in unescape(response.content.decode())


@pytest.mark.parametrize("text", ["…", "—!?", '""', "-", "*", "&"])
def test_signs_alone_are_no_word_to_search_for(client_of_owner: Client, owner: User, text: str):
    say(owner, "so… what —!? and * & -")
    said = "There is no word in this to search for."
    page, hits = client_of_owner.get(URL, {"q": text}).content.decode(), part(client_of_owner, "search-hits", q=text)
    assert (said in page, "Nothing for" in page) == (True, False)
    assert (said in hits, "Nothing for" in hits) == (True, False)


def test_recording_must_be_one_that_can_be_searched(client_of_owner: Client, owner: User):
    theirs, thrown = make_recording(make_user()), make_recording(owner, deleted_at=timezone.now())
    for name in ("1", "\0", str(uuid4()), str(theirs.pk), str(thrown.pk)):
        for text in ("word", ""):
            response = client_of_owner.get(URL, {"q": text, "recording": name})
            assert (response.status_code, "There is nothing at this address" in response.content.decode()) == (
                404,
                True,
            )
    assert client_of_owner.get(URL, {"q": "word", "recording": ""}).status_code == 200


def test_nothing_found_says_so_and_what_to_do(client_of_owner: Client, owner: User):
    say(owner, "word", language="de")
    content = client_of_owner.get(URL, {"q": "absent <i>"}).content.decode()
    assert "Nothing for <strong>absent &lt;i&gt;</strong>." in content
    assert "Try fewer words" in content
    content = client_of_owner.get(URL, {"q": "absent", "language": "de"}).content.decode()
    assert "Search everything" in content


def test_misspelt_word_is_told(client_of_owner: Client, owner: User):
    say(owner, *["Gutenberg"] * 5)
    search_words.gather_words()
    response = client_of_owner.get(URL, {"q": "Gutenburg"})
    content = response.content.decode()
    assert "Nothing for <strong>Gutenburg</strong>. Showing <strong>Gutenberg</strong>." in content
    assert response.context["query"] == "q=Gutenberg"
    assert "Nothing for Gutenburg. Showing Gutenberg." in part(client_of_owner, "search-hits", q="Gutenburg")


def test_titles_are_found_beside_what_was_said(client_of_owner: Client, owner: User):
    titled = make_recording(owner, title="The budget")
    say(owner, "the budget was discussed")
    content = client_of_owner.get(URL, {"q": "budget"}).content.decode()
    assert f'<a href="/recordings/{titled.pk}/">' in content
    assert "In titles" in content
    assert "Nobody said this" in client_of_owner.get(URL, {"q": "the bud"}).content.decode()


def test_too_slow_search_says_what_to_do(client_of_owner: Client, owner: User, monkeypatch: pytest.MonkeyPatch):
    def give_up(**_: object) -> None:
        raise SearchTooSlow

    monkeypatch.setattr(search, "find_passages", give_up)
    for content in (client_of_owner.get(URL, {"q": "a"}).content.decode(), part(client_of_owner, "search-hits", q="a")):
        assert str(SearchTooSlow.message) in content


def test_dialog_lists_titles_and_passages_while_somebody_types(client_of_owner: Client, owner: User):
    transcript = say(owner, *["Ask your country"] * 9, recording=make_recording(owner, title="Counting"))
    hits = part(client_of_owner, "search-hits", q="coun")
    assert hits.count('role="option"') == 1 + 8 + 1
    assert f'href="/recordings/{transcript.recording_id}/"' in hits
    assert 'href="/search/?q=coun"' in hits
    assert "<mark>country</mark>" in hits
    assert '<span class="visually-hidden">1 title. 9 passages' in hits
    assert 'role="option"' not in part(client_of_owner, "search-hits", q="")
    assert "Nothing for zzyzx." in part(client_of_owner, "search-hits", q="zzyzx")
    assert "at most 200 characters" in part(client_of_owner, "search-hits", q="x" * 201)


def test_dialog_narrows_as_the_page_does(client_of_owner: Client, owner: User):
    for title, language in (("short", "en"), ("long", "de")):
        say(owner, "wort", language=language, recording=make_recording(owner, title=title))
    assert part(client_of_owner, "search-hits", q="wort").count("hit-where") == 2
    hits = part(client_of_owner, "search-hits", q="wort", language="de", length="")
    assert (hits.count("hit-where"), "1 passage" in hits) == (1, True)
    assert "Nothing for wort." in part(client_of_owner, "search-hits", q="wort", language="de", length="long")
    wrong = part(client_of_owner, "search-hits", q="wort", **{"from": "2026-01-02", "to": "2026-01-01"})
    assert ("To: This day is before the first." in wrong, 'role="option"' in wrong) == (True, False)
    assert "This day" not in part(client_of_owner, "search-hits", q="", **{"from": "2026-01-02", "to": "2026-01-01"})


def test_all_results_of_the_dialog_are_narrowed_too(client_of_owner: Client, owner: User):
    say(owner, *["wort"] * 9, language="de")
    hits = part(client_of_owner, "search-hits", q="wort", language="de", length="")
    assert 'href="/search/?q=wort&amp;language=de"' in hits


def test_filters_of_the_dialog_are_those_of_the_page(client_of_owner: Client, owner: User):
    transcript = say(owner, "wort", language="de")
    Speaker.objects.create(transcript=transcript, number=1, name="<b>Ada")
    transcript.segments.update(speaker=1)
    marks.create_tag(owner=owner, name="red")
    page, dialog = client_of_owner.get(URL), part(client_of_owner, "search-dialog-filters")
    shared = page.content.decode().partition('id="search-filters">')[2].partition("</form>")[0]
    names = [re.findall(r'name="(\w+)"', text) for text in (shared, dialog)]
    assert names == [["language", "length", "speaker", "from", "to", "tag"]] * 2
    assert ("<html" in dialog, "&lt;b&gt;Ada" in dialog, 'id="id_' in dialog) == (False, True, False)


def test_results_alone_are_sent_to_the_page_that_has_the_rest(client_of_owner: Client, owner: User):
    say(owner, "word")
    results = part(client_of_owner, "search-results", q="word")
    assert "<html" not in results
    assert '<p id="search-said" hx-swap-oob="innerHTML">1 passage\n</p>' in results
    assert client_of_owner.get(URL, {"q": "word"}).headers["Vary"] == "HX-Target, Accept-Language, Cookie"


def test_page_makes_as_many_queries_for_three_recordings_as_for_one(client_of_owner: Client, owner: User):
    counts = []
    for rows in (1, 2):
        for _ in range(rows):
            say(owner, "word", "word")
        with CaptureQueriesContext(connection) as made:
            client_of_owner.get(URL, {"q": "word"})
        counts.append(len(made))
    assert counts[0] == counts[1]
