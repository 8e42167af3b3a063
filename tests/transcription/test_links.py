from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from accounts.errors import TooManyAttempts
from accounts.services import Limit
from accounts.services.tokens import digest, new_token
from tests.factories import make_transcript, make_user, share
from transcription.errors import BadRequest, LinkExpired, LinkUnknown, LinkWithdrawn, TooManyShares
from transcription.models import Recording, ShareLink
from transcription.services import following, links, recordings
from transcription.services.links import LinkChoices

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


def test_link_to_a_recording_that_waits_for_its_deletion_opens_nothing(made, recording):
    make_transcript(recording)
    assert following.look(recording_id=recording.pk) is not None
    recordings.purge_soon(rows=Recording.objects.filter(pk=recording.pk))
    assert (links.resolve(token=made[1]), following.look(recording_id=recording.pk)) == (None, None)
    with pytest.raises(LinkWithdrawn):
        links.open_link(token=made[1], address=HERE)


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


def test_links_of_others_are_not_the_strangers_nor_the_readers(made, recording):
    assert not ShareLink.objects.owned_by(make_user()).exists()
    assert not ShareLink.objects.owned_by(share(recording)).exists()


def test_link_is_for_live_captions_unless_more_is_chosen(made):
    link, _ = made
    assert (link.kind, link.role, link.may_comment, link.has_password, link.expires_at) == (
        "live",
        "view",
        False,
        False,
        None,
    )


def test_expired_link_opens_nothing_and_says_why(recording, owner):
    choices = LinkChoices(expires_at=timezone.now() + timedelta(hours=1))
    link, token = links.create_link(recording=recording, user=owner, choices=choices)
    assert links.resolve(token=token) == link
    ShareLink.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert links.resolve(token=token) is None
    with pytest.raises(LinkExpired):
        links.open_link(token=token, address=HERE)
    links.revoke_link(link=link)
    with pytest.raises(LinkWithdrawn) as withdrawn:
        links.open_link(token=token, address=HERE)
    assert withdrawn.value.code == "link_withdrawn"


@pytest.mark.parametrize(
    "choices",
    [
        {"kind": "all"},
        {"role": "owner"},
        {"kind": "live", "role": "comment"},
        {"expires_at": datetime(2020, 1, 1, tzinfo=UTC)},
        {"password": "short"},
        {"password": "x" * 129},
        {"password": "with a \0 in it"},
    ],
)
def test_choices_that_cannot_be_are_refused(recording, owner, choices):
    with pytest.raises(BadRequest):
        links.create_link(recording=recording, user=owner, choices=LinkChoices(**choices))
    assert not ShareLink.objects.exists()


def test_password_is_kept_hashed_and_opens_the_link_for_a_while(recording, owner, monkeypatch):
    link, _ = links.create_link(recording=recording, user=owner, choices=LinkChoices(password="correct horse"))
    assert "correct horse" not in str(ShareLink.objects.filter(pk=link.pk).values().get())
    assert not links.is_unlocked(link=link, proof=None)
    assert links.unlock(link=link, password="wrong horse", address=HERE) is None
    proof = links.unlock(link=link, password="correct horse", address=HERE)
    assert links.is_unlocked(link=link, proof=proof)
    assert not links.is_unlocked(link=link, proof=proof + "x")
    other, _ = links.create_link(recording=recording, user=owner, choices=LinkChoices(password="correct horse"))
    assert not links.is_unlocked(link=other, proof=proof)
    monkeypatch.setattr(links, "UNLOCKED_SECONDS", -1)
    assert not links.is_unlocked(link=link, proof=proof)


def test_another_password_asks_again(recording, owner):
    link, _ = links.create_link(recording=recording, user=owner, choices=LinkChoices(password="correct horse"))
    proof = links.unlock(link=link, password="correct horse", address=HERE)
    changed = links.change_link(link=link, password="battery staple")
    assert not links.is_unlocked(link=changed, proof=proof)
    assert links.is_unlocked(link=links.change_link(link=link, password=""), proof=None)


def test_change_leaves_what_is_not_named(recording, owner):
    moment = timezone.now() + timedelta(days=1)
    choices = LinkChoices(kind="transcript", role="comment", label="Board", password="correct horse", expires_at=moment)
    link, _ = links.create_link(recording=recording, user=owner, choices=choices)
    changed = links.change_link(link=link, label=" B\0oard 2 ")
    assert (changed.label, changed.role, changed.expires_at) == ("B oard 2", "comment", moment)
    assert changed.password == link.password
    assert links.change_link(link=link, expires_at=None).expires_at is None
    links.revoke_link(link=link)
    with pytest.raises(LinkWithdrawn):
        links.change_link(link=link, label="Late")


def test_wrong_passwords_are_limited_by_link_and_address(recording, owner, monkeypatch):
    monkeypatch.setattr(links, "WRONG_PASSWORDS", Limit("link-password", 2, timedelta(minutes=15)))
    made = [
        links.create_link(recording=recording, user=owner, choices=LinkChoices(password="correct horse"))[0]
        for _ in range(2)
    ]
    for _ in range(5):
        assert links.unlock(link=made[0], password="correct horse", address=HERE)
    for _ in range(2):
        assert links.unlock(link=made[0], password="wrong", address=HERE) is None
    with pytest.raises(TooManyAttempts):
        links.unlock(link=made[0], password="correct horse", address=HERE)
    assert links.unlock(link=made[0], password="correct horse", address=ELSEWHERE)
    assert links.unlock(link=made[1], password="correct horse", address=HERE)


def test_wrong_passwords_are_limited_in_all(recording, owner, monkeypatch):
    monkeypatch.setattr(links, "WRONG_PASSWORDS_IN_ALL", Limit("link-password-all", 2, timedelta(minutes=15)))
    link, _ = links.create_link(recording=recording, user=owner, choices=LinkChoices(password="correct horse"))
    for address in (HERE, ELSEWHERE):
        assert links.unlock(link=link, password="wrong", address=address) is None
    with pytest.raises(TooManyAttempts):
        links.unlock(link=link, password="correct horse", address="192.0.2.3")


def test_visits_are_counted(made):
    link, _ = made
    for _ in range(2):
        links.count_visit(link=link)
    link.refresh_from_db()
    assert link.visits == 2
    assert timezone.now() - link.last_visit_at < timedelta(minutes=1)


def test_recording_has_a_number_of_links_and_no_more(recording, owner, monkeypatch):
    monkeypatch.setattr(links, "MOST_LINKS", 1)
    first, _ = links.create_link(recording=recording, user=owner)
    with pytest.raises(TooManyShares):
        links.create_link(recording=recording, user=owner)
    links.revoke_link(link=first)
    assert links.create_link(recording=recording, user=owner)
