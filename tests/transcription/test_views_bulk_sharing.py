"""Selected rows shared with somebody: asked, done, taken back."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Group
from django.contrib.messages import get_messages
from django.test import Client
from django.urls import reverse
from pytest_django.asserts import assertContains, assertNotContains

from tests.factories import make_recording, make_user, share
from transcription.models import Grant

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true"}


@pytest.fixture
def two(owner):
    return [make_recording(owner, title=title) for title in ("one", "two")]


def post(client: Client, rows, *, name: str = "bulk-share", **more):
    headers = more.pop("headers", {})
    return client.post(reverse(name), {"id": [row.pk for row in rows], **more}, headers=headers)


def told(response) -> list[str]:
    return [str(message) for message in get_messages(response.wsgi_request)]


def test_only_by_post_and_only_signed_in(client_of_owner):
    for name in ("bulk-share", "bulk-unshare"):
        assert client_of_owner.get(reverse(name)).status_code == 405
        assert Client().post(reverse(name)).status_code == 302


def test_asks_with_whom_and_names_what_is_left_out(client_of_owner, owner, two):
    theirs = make_recording(title="theirs")
    share(theirs, owner)
    page = post(client_of_owner, [*two, theirs, make_recording(title="hidden")])
    assertContains(page, "Share 2 recordings")
    assertContains(page, "<li><bdi>theirs</bdi></li>", html=True)
    assertNotContains(page, "hidden</li>")
    assertNotContains(page, "Or a group")
    part = post(client_of_owner, [theirs], headers=HTMX)
    assertContains(part, "Only who owns a recording can share it.")
    assertNotContains(part, "<html")


def test_shares_tells_and_takes_back(client_of_owner, owner, two):
    theirs = make_recording(title="theirs <b>")
    share(theirs, owner)
    answer = post(client_of_owner, [*two, theirs], email=make_user(name="Grace").email, role="editor", next="/?own")
    assert answer.url == "/?own"
    done, left = get_messages(answer.wsgi_request)
    assert done.message == "2 recordings are shared with Grace."
    assert left.message == "1 was left as it is, because somebody else owns it: theirs <b>"
    assert Grant.objects.filter(role="editor").count() == 2
    back = client_of_owner.post(done.extra_tags)
    assert (back.url, told(back)[-1], Grant.objects.count()) == ("/", "2 are as they were.", 1)
    assert told(client_of_owner.post(done.extra_tags))[-1] == "There is nothing to take back any more."


def test_group_is_offered_to_its_members(client_of_owner, owner, two):
    group = Group.objects.create(name="Newsroom")
    owner.groups.add(group)
    assertContains(post(client_of_owner, two), "Newsroom")
    part = post(client_of_owner, two, group=group.pk, role="reader", headers=HTMX)
    assertContains(part, "2 recordings are shared with Newsroom.")
    assertContains(part, reverse("bulk-unshare"))
    assertNotContains(part, 'name="role"')
    undo = client_of_owner.post(
        f"{reverse('bulk-unshare')}?new=x&new={Grant.objects.first().pk}&new={'9' * 30}", headers=HTMX
    )
    assertContains(undo, "1 is as it was.")


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({"email": "nobody@example.org", "role": "reader"}, "Nobody"),
        ({"email": "no address", "role": "reader"}, "valid email"),
        ({"email": "", "role": "reader"}, "Name one person"),
        ({"email": "a@example.org", "role": "owner"}, "not one of the available choices"),
    ],
)
def test_what_will_not_do_is_said_and_what_was_typed_stays(client_of_owner, two, sent, said):
    for headers, status in (({}, 400), (HTMX, 200)):
        answer = post(client_of_owner, two, headers=headers, **sent)
        assertContains(answer, said, status_code=status)
        assertContains(answer, f'value="{two[0].pk}"', status_code=status)
        if sent["email"]:
            assertContains(answer, f'value="{sent["email"]}"', status_code=status)
    assert Grant.objects.count() == 0


def test_nothing_selected_is_said(client_of_owner):
    assert told(post(client_of_owner, []))[-1] == "Select recordings first."
