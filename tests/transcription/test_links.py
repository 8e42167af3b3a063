from __future__ import annotations

from datetime import timedelta

import pytest

from accounts.errors import TooManyAttempts
from accounts.services import Limit
from accounts.services.tokens import digest, new_token
from tests.factories import make_user
from transcription.errors import LinkUnknown, LinkWithdrawn
from transcription.models import ShareLink
from transcription.services import links, recordings

pytestmark = pytest.mark.django_db
HERE, ELSEWHERE = "192.0.2.1", "192.0.2.2"


@pytest.fixture
def made(recording, owner):
    return links.create_link(recording=recording, user=owner)


def test_link_opens_its_recording(made, recording, owner):
    link, token = made
    assert links.resolve(token=token) == link
    assert links.open_link(token=token, address=HERE).recording == recording
    assert link.created_by == owner


def test_only_the_hash_of_a_token_is_kept(made):
    link, token = made
    assert ShareLink.objects.filter(pk=link.pk).values_list("token_hash", flat=True).get() == digest(token)
    stored = str(ShareLink.objects.filter(pk=link.pk).values().get())
    assert token not in stored


def test_links_of_one_recording_are_withdrawn_one_by_one(recording, owner):
    first, first_token = links.create_link(recording=recording, user=owner)
    second, second_token = links.create_link(recording=recording, user=owner)
    assert links.revoke_link(link=first)
    assert not links.revoke_link(link=first)
    assert links.resolve(token=first_token) is None
    assert links.resolve(token=second_token) == second
    with pytest.raises(LinkWithdrawn):
        links.open_link(token=first_token, address=HERE)


def test_link_to_a_recording_in_the_trash_opens_nothing(made, recording):
    _, token = made
    recordings.move_to_trash(recording=recording)
    assert links.resolve(token=token) is None
    with pytest.raises(LinkWithdrawn):
        links.open_link(token=token, address=HERE)
    recordings.restore_recording(recording=recording)
    assert links.resolve(token=token) == made[0]


@pytest.mark.parametrize("token", ["", "x", "a" * 42, "a" * 44, "a" * 42 + "\n", "ä" * 43, "a" * 42 + "\0", "'" * 43])
def test_what_cannot_be_a_token_is_no_guess(token, django_assert_num_queries):
    with django_assert_num_queries(0):
        assert links.resolve(token=token) is None
        with pytest.raises(LinkUnknown):
            links.open_link(token=token, address=HERE)


def test_guessing_is_limited_by_address(made, monkeypatch):
    monkeypatch.setattr(links, "WRONG_TOKENS", Limit("share-link", 3, timedelta(minutes=15)))
    link, token = made
    for _ in range(3):
        with pytest.raises(LinkUnknown):
            links.open_link(token=new_token(), address=HERE)
    with pytest.raises(TooManyAttempts):
        links.open_link(token=token, address=HERE)
    assert links.open_link(token=token, address=ELSEWHERE) == link


def test_withdrawn_link_is_no_guess(made, monkeypatch):
    """An audience that comes back with it must not keep itself from the new link."""
    monkeypatch.setattr(links, "WRONG_TOKENS", Limit("share-link", 3, timedelta(minutes=15)))
    link, token = made
    links.revoke_link(link=link)
    for _ in range(5):
        with pytest.raises(LinkWithdrawn):
            links.open_link(token=token, address=HERE)


def test_link_goes_with_its_recording(made, recording):
    recordings.purge_recording(recording=recording)
    assert not ShareLink.objects.exists()
    with pytest.raises(LinkUnknown):
        links.open_link(token=made[1], address=HERE)


def test_links_visible_to_a_stranger_are_none(made):
    assert not ShareLink.objects.visible_to(make_user()).exists()
