"""Whom a comment names, and who is offered to be named."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Group

from accounts.models import User
from tests.factories import make_recording, make_user, share
from transcription.services import mentions, sharing

pytestmark = pytest.mark.django_db


@pytest.fixture
def talk():
    return make_recording(make_user("ada@example.org", name="Ada Lovelace"))


@pytest.fixture
def grace(talk):
    return share(talk, make_user("grace@example.org", name="Grace Hopper"))


def share_with_group(talk, *members: User) -> Group:
    group = Group.objects.create(name="Newsroom")
    for user in (talk.owner, *members):
        user.groups.add(group)
    sharing.share_with_group(recording=talk, by=talk.owner, group_id=group.pk, role="reader")
    return group


def offered(talk, asker: User, beginning: str = "", *, most: int = 20) -> list[str]:
    return mentions.names_to_offer(recording=talk, asker=asker, beginning=beginning, most=most)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("@Max look", True),
        ("look, @max!", True),
        ("@Maximilian", False),
        ("@Maxine and @Max", True),
        ("Max", False),
        ("(@max@example.org)", True),
        ("@max@example.organisation", False),
        ("@", False),
    ],
)
def test_name_is_whole_and_in_any_case(text, expected):
    assert mentions.names(text, User(name="Max", email="max@example.org")) is expected


def test_name_is_found_as_the_text_of_a_comment_has_it():
    assert mentions.names("@Grace Hopper: look", User(name="Grace \u202e Hopper", email="grace@example.org"))


def test_all_who_see_it_are_offered_and_nobody_else(talk, grace):
    share_with_group(talk, grace, make_user(name="Max"))
    make_user(name="Eve")
    share(make_recording(talk.owner), make_user(name="Reader of another"))
    share(talk, gone := make_user(name="Gone"))
    User.objects.filter(pk=gone.pk).update(is_active=False)
    assert offered(talk, grace) == ["Ada Lovelace", "Max"]
    assert offered(talk, talk.owner) == ["Grace Hopper", "Max"]
    talk.grants.all().delete()
    assert offered(talk, talk.owner) == []


def test_whoever_is_offered_is_named_by_it(talk, grace):
    share_with_group(talk, make_user(name="Max"), make_user(name="Jean  \u202e Sammet"))
    share(talk, make_user("nameless@example.org"))
    for name in offered(talk, talk.owner):
        assert len(mentions.people_named(recording_id=talk.pk, text=f"Look, @{name}!")) == 1
    assert len(offered(talk, talk.owner)) == 4


def test_names_of_several_words_are_found_by_each_of_them(talk, grace):
    share(talk, make_user(name="Gracia %_ Lovelace"))
    for beginning, names in [
        ("gra", ["Grace Hopper", "Gracia %_ Lovelace"]),
        ("HOP", ["Grace Hopper"]),
        ("ace", []),
        ("grace ", ["Grace Hopper"]),
        ("grace h", ["Grace Hopper"]),
        ("grace hopper ", []),
        ("%", ["Gracia %_ Lovelace"]),
        ("_", []),
        ("a\0b\ud800", []),
        (" ", ["Grace Hopper", "Gracia %_ Lovelace"]),
    ]:
        assert (beginning, offered(talk, talk.owner, beginning)) == (beginning, names)


def test_address_is_offered_only_to_who_has_it(talk, grace):
    share(talk, make_user("typed@example.org"))
    share_with_group(talk, make_user("member@example.org"))
    assert offered(talk, talk.owner) == ["Grace Hopper", "typed@example.org"]
    assert offered(talk, grace) == ["Ada Lovelace"]
    User.objects.filter(pk=talk.owner_id).update(name="")
    assert offered(talk, grace) == ["ada@example.org"]
    assert offered(talk, talk.owner, "grace@") == []


def test_same_name_is_offered_once_and_names_both(talk, grace):
    share(talk, make_user(name="grace hopper"))
    assert len(offered(talk, talk.owner)) == 1
    assert len(mentions.people_named(recording_id=talk.pk, text="@Grace Hopper")) == 2


def test_names_are_in_order_and_no_more_than_asked_for(talk):
    for name in ("Bob", "anne", "Dora", "Carl"):
        share(talk, make_user(name=name))
    assert offered(talk, talk.owner) == ["anne", "Bob", "Carl", "Dora"]
    assert offered(talk, talk.owner, most=2) == ["anne", "Bob"]


def test_one_query_however_many_see_it(talk, django_assert_num_queries):
    for rows in (1, 5):
        for _ in range(rows):
            share(talk, make_user(name="A name"))
        with django_assert_num_queries(1):
            offered(talk, talk.owner)
