"""The panel of an owner: people, groups, links; and what the others' libraries show then."""

from __future__ import annotations

import re

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests.factories import make_recording, make_user, share
from transcription.models import Grant, ShareLink
from transcription.services import links

pytestmark = pytest.mark.django_db
HTMX = {"HTTP_HX_REQUEST": "true"}


def signed_in(user) -> Client:
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def post(client_of_owner, recording):
    def send(name: str, number: int | None = None, **data):
        arguments = [recording.pk] if number is None else [recording.pk, number]
        return client_of_owner.post(reverse(name, args=arguments), data, **HTMX).content.decode()

    return send


def test_person_is_added_changed_and_withdrawn(post, recording, client_of_owner):
    user = make_user("grace@example.org", name="Grace <b>Hopper</b>")
    page = post("sharing-person", email="grace@example.org", role="reader")
    assert "Shared with Grace &lt;b&gt;Hopper&lt;/b&gt;." in page
    assert "<html" not in page
    grant = Grant.objects.get()
    assert (grant.user, grant.role, grant.created_by) == (user, "reader", recording.owner)
    assert "Can edit the text." in post("sharing-role", grant.pk, role="editor")
    assert Grant.objects.get().role == "editor"
    assert "does not see this recording any more." in post("sharing-withdraw", grant.pk)
    assert not Grant.objects.exists()


@pytest.mark.parametrize(
    ("email", "words"),
    [
        ("nobody@example.org", "Nobody here uses this e-mail address."),
        ("not an address", "Enter a valid email address."),
        ("", "This field is required."),
    ],
)
def test_what_cannot_be_shared_is_said_and_stays_in_the_form(post, email, words):
    page = post("sharing-person", email=email, role="reader")
    assert words in page
    assert not email or f'value="{email}"' in page


def test_page_works_without_javascript(client_of_owner, recording):
    user = make_user()
    address = reverse("sharing", args=[recording.pk])
    assert "<html" in client_of_owner.get(address).content.decode()
    answer = client_of_owner.post(
        reverse("sharing-person", args=[recording.pk]), {"email": user.email, "role": "reader"}
    )
    assert answer.url == address
    made = client_of_owner.post(reverse("sharing-link", args=[recording.pk]), {"role": "view", "days": "7"})
    assert "http://testserver/shared/" in made.content.decode()


def test_only_own_groups_are_offered(post, recording, owner, client_of_owner):
    mine, other = Group.objects.create(name="Newsroom"), Group.objects.create(name="Archive")
    address = reverse("sharing", args=[recording.pk])
    assert "Share with a group" not in client_of_owner.get(address, **HTMX).content.decode()
    owner.groups.add(mine)
    page = client_of_owner.get(address, **HTMX).content.decode()
    assert ("Newsroom" in page, "Archive" in page) == (True, False)
    assert "Select a valid choice." in post("sharing-group", group=other.pk, role="reader")
    assert "Shared with Newsroom." in post("sharing-group", group=mine.pk, role="reader")
    assert Grant.objects.get().group == mine


def test_link_is_made_with_its_choices_and_shown_once(post, client_of_owner, recording):
    sent = {"label": "Board", "role": "comment", "days": "7", "password": "correct horse"}
    page = post("sharing-link", **sent)
    token = re.search(r'value="http://testserver/shared/([^/"]+)/"', page)[1]
    link = links.resolve(token=token)
    assert (link.kind, link.role, link.label, link.has_password) == ("transcript", "comment", "Board", True)
    assert (link.expires_at - link.created_at).days in {6, 7}
    later = client_of_owner.get(reverse("sharing", args=[recording.pk]), **HTMX).content.decode()
    assert (token in later, "Board" in later, "correct horse" in later) == (False, True, False)
    assert "The link was withdrawn." in post("sharing-close", link.pk)
    assert links.resolve(token=token) is None


def test_link_with_a_short_password_is_not_made(post):
    page = post("sharing-link", role="view", password="short", days="")
    assert "at least 6 characters" in page
    assert not ShareLink.objects.exists()


def test_grants_and_links_of_other_recordings_are_not_found(client_of_owner, recording):
    other = make_recording()
    share(other)
    link, _ = links.create_link(recording=other, user=other.owner)
    for name, number in (("sharing-role", other.grants.get().pk), ("sharing-withdraw", other.grants.get().pk)):
        for pk in (recording.pk, other.pk):
            assert client_of_owner.post(reverse(name, args=[pk, number]), {"role": "editor"}).status_code == 404
    for pk in (recording.pk, other.pk):
        assert client_of_owner.post(reverse("sharing-close", args=[pk, link.pk])).status_code == 404
    assert (Grant.objects.get().role, links.links_of(recording=other).count()) == ("reader", 1)


def test_panel_makes_as_many_queries_for_three_as_for_one(client_of_owner, recording, owner):
    group = Group.objects.create(name="Newsroom")
    owner.groups.add(group)
    counts = []
    for _ in range(2):
        share(recording)
        links.create_link(recording=recording, user=owner)
        with CaptureQueriesContext(connection) as made:
            client_of_owner.get(reverse("sharing", args=[recording.pk]), **HTMX)
        counts.append(len(made))
        share(recording)
        links.create_link(recording=recording, user=owner)
    assert counts[0] == counts[1]


# The others' side -----------------------------------------------------------------------------------------------------


def titles(client: Client, query: str = "") -> list[str]:
    page = client.get(reverse("library") + query).content.decode()
    return re.findall(r'class="row-title"[^>]*>([^<]+)<', page)


def test_library_shows_what_is_shared_and_narrows_to_it(recording):
    user = share(recording)
    make_recording(user, title="Mine")
    client = signed_in(user)
    assert titles(client) == ["Mine", "A talk"]
    assert titles(client, "?shared") == ["A talk"]
    assert titles(client, "?own") == ["Mine"]
    page = client.get(reverse("library")).content.decode()
    assert ("Shared with me" in page, f"Shared by {recording.owner.email}" in page) == (True, True)


def test_library_of_who_shares_nothing_has_no_filter(client_of_owner, recording):
    assert "Shared with me" not in client_of_owner.get(reverse("library")).content.decode()
    assert "Nothing is shared with you" in client_of_owner.get(reverse("library") + "?shared").content.decode()


def test_trash_shows_only_the_own(recording, client_of_owner):
    user = share(recording)
    client_of_owner.post(reverse("recording-delete", args=[recording.pk]))
    assert "A talk" in client_of_owner.get(reverse("trash")).content.decode()
    assert "A talk" not in signed_in(user).get(reverse("trash")).content.decode()


def test_withdrawn_person_finds_nothing_at_the_next_request(recording):
    user = share(recording)
    client = signed_in(user)
    addresses = [reverse(name, args=[recording.pk]) for name in ("recording", "recording-status", "comments")]
    assert [client.get(address).status_code for address in addresses] == [200, 200, 200]
    Grant.objects.all().delete()
    assert [client.get(address).status_code for address in addresses] == [404, 404, 404]


def test_library_makes_as_many_queries_for_three_shared_as_for_one():
    user = make_user()
    client, counts = signed_in(user), []
    for _ in range(2):
        share(make_recording(), user)
        with CaptureQueriesContext(connection) as made:
            client.get(reverse("library"))
        counts.append(len(made))
        share(make_recording(), user)
    assert counts[0] == counts[1]
