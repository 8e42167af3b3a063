"""Pages of tags, and the star."""

from __future__ import annotations

import pytest
from django.contrib.messages import get_messages
from django.test import Client
from django.urls import reverse

from tests.factories import make_recording, make_user
from transcription.models import Favourite, Tag
from transcription.services import marks

pytestmark = pytest.mark.django_db


@pytest.fixture
def tag(owner):
    return marks.create_tag(owner=owner, name="Work")


def told(response) -> list[str]:
    return [str(message) for message in get_messages(response.wsgi_request)]


def names(owner) -> list[str]:
    return list(Tag.objects.filter(owner=owner).by_name().values_list("name", flat=True))


def test_another_persons_tags_and_recordings_do_not_exist(client_of_owner, owner):
    theirs, recording = marks.create_tag(owner=make_user(), name="theirs"), make_recording()
    for name in ("tag-change", "tag-merge", "tag-delete"):
        assert client_of_owner.post(reverse(name, args=[theirs.pk]), {"name": "x"}).status_code == 404
        assert client_of_owner.get(reverse(name, args=[theirs.pk])).status_code == 405
    for name in ("recording-tags", "recording-favourite", "recording-exempt"):
        assert client_of_owner.post(reverse(name, args=[recording.pk])).status_code == 404
    assert "theirs" not in client_of_owner.get(reverse("tags")).content.decode()
    assert Client().get(reverse("tags")).status_code == 302
    assert names(theirs.owner) == ["theirs"]


def test_tag_is_made_renamed_merged_and_deleted(client_of_owner, owner):
    client_of_owner.post(reverse("tags"), {"name": "Work", "color": "blue"})
    work = Tag.objects.get()
    client_of_owner.post(reverse("tag-change", args=[work.pk]), {"name": "Job", "color": "red"})
    work.refresh_from_db()
    assert (work.name, work.color) == ("Job", "red")
    other = marks.create_tag(owner=owner, name="Other")
    answer = client_of_owner.post(reverse("tag-merge", args=[work.pk]), {"into": other.pk})
    assert (told(answer)[-1], names(owner)) == ("“Job” is now “Other”.", ["Other"])
    client_of_owner.post(reverse("tag-delete", args=[other.pk]))
    assert names(owner) == []


def test_what_will_not_do_is_said(client_of_owner, owner, tag):
    answer = client_of_owner.post(reverse("tags"), {"name": "WORK"})
    assert (answer.status_code, answer.context["form"].errors["name"]) == (
        400,
        ["You have a tag of this name already."],
    )
    answer = client_of_owner.post(reverse("tag-change", args=[tag.pk]), {"name": ""})
    assert told(answer) == ["A tag has a name of 1 to 40 characters."]
    answer = client_of_owner.post(reverse("tag-merge", args=[tag.pk]), {"into": "x"})
    assert told(answer)[-1] == "Choose the tag to merge into."
    assert names(owner) == ["Work"]


def test_tags_of_a_recording_are_set_with_a_new_one(client_of_owner, owner, recording, tag):
    address = reverse("recording-tags", args=[recording.pk])
    assert client_of_owner.get(address).context["chosen"] == set()
    client_of_owner.post(address, {"tag": [tag.pk, "x"], "new_tag": " Home "})
    assert client_of_owner.get(address).context["chosen"] == set(Tag.objects.values_list("pk", flat=True))
    assert names(owner) == ["Home", "Work"]
    answer = client_of_owner.post(address, {"new_tag": "\u2066"}, headers={"HX-Request": "true"})
    assert "A tag has a name" in answer.content.decode()
    client_of_owner.post(address, {})
    assert client_of_owner.get(address).context["chosen"] == set()


def test_form_of_a_recordings_tags_comes_alone_for_htmx(client_of_owner, recording, tag):
    address = reverse("recording-tags", args=[recording.pk])
    content = client_of_owner.get(address, headers={"HX-Request": "true"}).content.decode()
    assert content.lstrip().startswith("<form")
    row = client_of_owner.post(address, {"tag": tag.pk}, headers={"HX-Request": "true"}).content.decode()
    assert f'<li class="row" id="r-{recording.pk}"' in row
    assert f'href="/?tag={tag.pk}">Work</a>' in row


def test_star_is_set_and_taken_away(client_of_owner, owner, recording):
    address = reverse("recording-favourite", args=[recording.pk])
    for value, count in (("yes", 1), ("yes", 1), ("no", 0), ("", 0)):
        assert client_of_owner.post(address, {"is_favourite": value}).url == "/"
        assert Favourite.objects.count() == count


def test_list_of_tags_makes_as_many_queries_for_many(client_of_owner, owner, django_assert_num_queries):
    for count in (1, 3):
        for n in range(count):
            marks.create_tag(owner=owner, name=f"{count}.{n}")
        with django_assert_num_queries(3):
            client_of_owner.get(reverse("tags"))


def test_exemption_is_the_owners(client_of_owner, owner, recording):
    address = reverse("recording-exempt", args=[recording.pk])
    for value, expected in (("yes", True), ("no", False)):
        client_of_owner.post(address, {"is_exempt": value})
        recording.refresh_from_db()
        assert recording.is_exempt is expected
