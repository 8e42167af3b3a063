from __future__ import annotations

import re
import xml.etree.ElementTree as ET

import pytest
from django.urls import reverse

from tests.factories import make_live, make_recording, make_user
from transcription.models import ShareLink
from transcription.services import links
from transcription.views.links import qr_code

pytestmark = pytest.mark.django_db
HTMX = {"HTTP_HX_REQUEST": "true"}
PLAIN_VIEWS = ("get", "links"), ("post", "link-create")


@pytest.fixture
def live(owner):
    return make_live(owner).recording


def test_link_that_was_made_is_shown_this_once(client_of_owner, live, owner):
    answer = client_of_owner.post(reverse("link-create", args=[live.pk]), **HTMX)
    page = answer.content.decode()
    address = re.search(r'value="(http://testserver/watch/([^/"]+)/)"', page)
    assert links.resolve(token=address[2]).recording == live
    assert page.count("<svg") > 2
    assert "<html" not in page
    assert answer["Cache-Control"] == "max-age=0, no-cache, no-store, must-revalidate, private"
    later = client_of_owner.get(reverse("links", args=[live.pk])).content.decode()
    assert address[2] not in later
    assert "Withdraw" in later
    assert ShareLink.objects.get().created_by == owner


def test_link_is_made_without_javascript_too(client_of_owner, live):
    page = client_of_owner.post(reverse("link-create", args=[live.pk])).content.decode()
    assert "<html" in page
    assert "http://testserver/watch/" in page


def test_link_has_the_public_address(client_of_owner, live, settings):
    settings.PUBLIC_URL = "https://scripta.example.org"
    page = client_of_owner.post(reverse("link-create", args=[live.pk]), **HTMX).content.decode()
    assert 'value="https://scripta.example.org/watch/' in page


def test_withdrawn_link_leaves_the_panel(client_of_owner, live, owner):
    first, _ = links.create_link(recording=live, user=owner)
    second, _ = links.create_link(recording=live, user=owner)
    page = client_of_owner.post(reverse("link-withdraw", args=[live.pk, first.pk]), **HTMX).content.decode()
    assert "The link was withdrawn." in page
    assert [link.pk for link in live.links.in_force()] == [second.pk]
    assert page.count("/withdraw/") == 2  # one form, with two addresses: htmx's and its own
    answer = client_of_owner.post(reverse("link-withdraw", args=[live.pk, second.pk]))
    assert answer.url == reverse("recording", args=[live.pk])
    assert "/withdraw/" not in client_of_owner.get(reverse("links", args=[live.pk])).content.decode()


@pytest.mark.parametrize(("method", "name"), PLAIN_VIEWS)
def test_panel_of_somebody_else_is_not_found(client_of_owner, method, name):
    address = reverse(name, args=[make_recording().pk])
    assert getattr(client_of_owner, method)(address, **HTMX).status_code == 404


@pytest.mark.parametrize(("method", "name"), PLAIN_VIEWS)
def test_panel_is_for_people_who_signed_in(client, live, method, name):
    answer = getattr(client, method)(reverse(name, args=[live.pk]))
    assert answer.url.startswith(reverse("accounts:sign-in"))


def test_link_of_somebody_else_cannot_be_withdrawn(client_of_owner, live):
    other = make_recording(make_user())
    theirs, token = links.create_link(recording=other, user=other.owner)
    for pk, link in ((live.pk, theirs.pk), (other.pk, theirs.pk), (live.pk, 10**30)):
        assert client_of_owner.post(reverse("link-withdraw", args=[pk, link])).status_code == 404
    assert links.resolve(token=token) == theirs


def test_panel_makes_as_many_queries_for_three_links_as_for_one(
    client_of_owner, live, owner, django_assert_max_num_queries
):
    counts = []
    for _ in range(2):
        links.create_link(recording=live, user=owner)
        with django_assert_max_num_queries(20) as made:
            client_of_owner.get(reverse("links", args=[live.pk]))
        counts.append(len(made))
        links.create_link(recording=live, user=owner)
    assert counts[0] == counts[1]


def test_making_needs_the_token_against_forgery(live, owner):
    from django.test import Client  # noqa: PLC0415  (only here with its checks on)

    client = Client(enforce_csrf_checks=True)
    client.force_login(owner, backend="django.contrib.auth.backends.ModelBackend")
    assert client.post(reverse("link-create", args=[live.pk])).status_code == 403
    assert not ShareLink.objects.exists()


def test_code_is_a_picture_of_plain_shapes():
    code = ET.fromstring(qr_code("https://scripta.example.org/watch/" + "a" * 43 + "/"))
    assert code.get("viewBox") is not None
    assert {element.tag for element in code.iter()} == {"svg", "path"}
    assert all("style" not in element.attrib for element in code.iter())
