"""Tags and favourites."""

from __future__ import annotations

import pytest

from tests.factories import make_recording, make_user, share
from transcription.errors import BadRequest, TagExists, TooManyTags
from transcription.models import Favourite, Recording, Tag, TagUse
from transcription.services import marks

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner():
    return make_user()


def tags_of(recording: Recording, user) -> list[str]:
    [row] = Recording.objects.with_marks_of(user).filter(pk=recording.pk)
    return [tag.name for tag in row.own_tags]


def test_tag_is_cleaned_and_known_in_any_case(owner):
    tag = marks.create_tag(owner=owner, name="  Board\x00\u202e meeting ", color="blue")
    assert (tag.name, tag.color) == ("Board meeting", "blue")
    with pytest.raises(TagExists):
        marks.create_tag(owner=owner, name="BOARD MEETING")
    assert marks.find_or_create_tag(owner=owner, name="board Meeting") == tag
    assert marks.create_tag(owner=make_user(), name="board meeting").name == "board meeting"


@pytest.mark.parametrize(("name", "color"), [("", ""), ("\u2066\u2069", ""), ("x" * 41, ""), ("fine", "#ff0000")])
def test_name_or_colour_that_will_not_do_is_refused(owner, name, color):
    with pytest.raises(BadRequest):
        marks.create_tag(owner=owner, name=name, color=color)
    assert Tag.objects.count() == 0


def test_one_person_has_a_bounded_number(owner, monkeypatch):
    monkeypatch.setattr(marks, "MOST_TAGS", 2)
    for name in ("a", "b"):
        marks.create_tag(owner=owner, name=name)
    with pytest.raises(TooManyTags):
        marks.create_tag(owner=owner, name="c")


def test_renaming_to_the_name_of_another_changes_nothing(owner):
    tag, other = (marks.create_tag(owner=owner, name=name) for name in ("one", "two"))
    with pytest.raises(TagExists):
        marks.change_tag(tag=tag, name="Two")
    assert marks.change_tag(tag=tag, name="ONE", color="red").name == "ONE"
    assert sorted(Tag.objects.values_list("name", "color")) == [("ONE", "red"), ("two", "grey")]
    assert other.name == "two"


def test_tag_counts_what_its_owner_sees(owner):
    tag = marks.create_tag(owner=owner, name="one")
    theirs = make_recording()
    share(theirs, owner)
    marks.add_tag(tag=tag, recordings=[theirs, make_recording(owner)])
    [found] = Tag.objects.visible_to(owner).with_counts(owner)
    assert found.count == 2
    theirs.grants.all().delete()
    [found] = Tag.objects.visible_to(owner).with_counts(owner)
    assert found.count == 1


def test_merged_tag_leaves_its_recordings_to_the_other(owner):
    one, two = (marks.create_tag(owner=owner, name=name) for name in ("one", "two"))
    both, first = make_recording(owner), make_recording(owner)
    marks.add_tag(tag=one, recordings=[both, first])
    marks.add_tag(tag=two, recordings=[both])
    marks.merge_tags(tag=one, into=two)
    assert (tags_of(both, owner), tags_of(first, owner)) == (["two"], ["two"])
    assert list(Tag.objects.values_list("name", flat=True)) == ["two"]


def test_tag_is_not_merged_into_itself_or_into_anothers(owner):
    tag, theirs = marks.create_tag(owner=owner, name="a"), marks.create_tag(owner=make_user(), name="b")
    for into in (tag, theirs):
        with pytest.raises(BadRequest):
            marks.merge_tags(tag=tag, into=into)
    assert Tag.objects.count() == 2


def test_what_others_put_on_a_recording_is_not_seen_and_stays(owner):
    friend, recording = make_user(), make_recording(owner)
    theirs = marks.create_tag(owner=friend, name="theirs")
    marks.add_tag(tag=theirs, recordings=[recording])
    mine = marks.create_tag(owner=owner, name="mine")
    marks.set_tags(user=owner, recording=recording, tags=[mine, theirs])
    assert (tags_of(recording, owner), tags_of(recording, friend)) == (["mine"], ["theirs"])
    marks.set_tags(user=owner, recording=recording, tags=[])
    assert (tags_of(recording, owner), tags_of(recording, friend)) == ([], ["theirs"])


def test_tags_come_by_name_in_any_case(owner):
    recording = make_recording(owner)
    for name in ("b", "A", "c"):
        marks.add_tag(tag=marks.create_tag(owner=owner, name=name), recordings=[recording, recording])
    assert tags_of(recording, owner) == ["A", "b", "c"]
    assert TagUse.objects.count() == 3


def test_favourites_are_each_persons_own(owner):
    friend, recording = make_user(), make_recording(owner)
    for _ in range(2):
        marks.set_favourite(user=owner, recordings=[recording], is_favourite=True)
    assert Favourite.objects.count() == 1
    rows = Recording.objects.all()
    assert [row.is_favourite for user in (owner, friend) for row in rows.with_marks_of(user)] == [True, False]
    marks.set_favourite(user=friend, recordings=[recording], is_favourite=False)
    assert list(rows.favourites_of(owner)) == [recording]
    marks.set_favourite(user=owner, recordings=[recording], is_favourite=False)
    assert list(rows.favourites_of(owner)) == []


def test_count_leaves_out_the_trash(owner):
    tag = marks.create_tag(owner=owner, name="a")
    kept, gone = make_recording(owner), make_recording(owner)
    marks.add_tag(tag=tag, recordings=[kept, gone])
    Recording.objects.filter(pk=gone.pk).update(deleted_at=gone.created_at)
    assert Tag.objects.with_counts().get().count == 1
