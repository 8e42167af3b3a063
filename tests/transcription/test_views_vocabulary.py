"""The page of names and terms, and where a transcript has them."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from django.urls import reverse

from tests.factories import make_job, make_recording, make_transcript, make_user
from transcription.services import vocabulary

pytestmark = pytest.mark.django_db
PAGE = "/vocabulary/"


@pytest.fixture
def group(owner):
    made = Group.objects.create(name="Cardiology")
    owner.groups.add(made)
    return made


def test_own_terms_are_saved_and_what_will_not_do_stays_in_the_form(client_of_owner, owner):
    assert client_of_owner.post(PAGE, {"terms": "Scripta\n Zagreb"}).url == PAGE
    assert vocabulary.terms_of(user=owner) == ["Scripta", "Zagreb"]
    long = "x" * 81
    answer = client_of_owner.post(PAGE, {"terms": f"Scripta\n{long}"})
    assert (answer.status_code, long in answer.content.decode()) == (400, True)
    assert vocabulary.terms_of(user=owner) == ["Scripta", "Zagreb"]


def test_page_says_whether_all_fit(client_of_owner, owner):
    vocabulary.save_terms(user=owner, text="Scripta")
    assert "All of them fit" in client_of_owner.get(PAGE).content.decode()
    vocabulary.save_terms(user=owner, text="\n".join(f"A rather long name number {n}" for n in range(100)))
    answer = client_of_owner.get(PAGE)
    fit = answer.context["fit"]
    assert len(fit.told) + len(fit.left_out) == 100
    assert f"can be told of {len(fit.told)} of these 100 terms" in answer.content.decode()


def test_members_read_and_administrators_write(client_of_owner, owner, group):
    address = reverse("vocabulary-group", args=[group.pk])
    vocabulary.save_terms(group=group, text="stenosis")
    content = client_of_owner.get(PAGE).content.decode()
    assert ("stenosis" in content, "disabled" in content) == (True, True)
    assert client_of_owner.post(address, {"terms": "mine"}).status_code == 404
    client = Client()
    client.force_login(make_user(admin=True), backend="django.contrib.auth.backends.ModelBackend")
    assert client.post(address, {"terms": "angina"}).url == PAGE
    answer = client.post(address, {"terms": "y" * 81})
    assert (answer.status_code, "y" * 81 in answer.content.decode()) == (400, True)
    assert vocabulary.terms_of(group=group) == ["angina"]
    stranger = Client()
    stranger.force_login(make_user(), backend="django.contrib.auth.backends.ModelBackend")
    assert "angina" not in stranger.get(PAGE).content.decode()


def test_queries_do_not_depend_on_the_number_of_groups(client_of_owner, owner, django_assert_num_queries):
    for count in (1, 3):
        for n in range(count):
            made = Group.objects.create(name=f"{count}.{n}")
            owner.groups.add(made)
            vocabulary.save_terms(group=made, text="a")
        with django_assert_num_queries(6):
            client_of_owner.get(PAGE)


def test_terms_of_a_transcript_are_listed_with_their_places(client_of_owner, owner):
    job = make_job(make_recording(owner), vocabulary="word1.0\n<b>never</b>")
    job.transcript = make_transcript(job.recording)
    job.save()
    address = reverse("recording-terms", args=[job.recording_id])
    content = client_of_owner.get(address).content.decode()
    assert "found once" in content
    assert f'href="/recordings/{job.recording_id}/#t=4.00"' in content
    assert "&lt;b&gt;never&lt;/b&gt;" in content
    assert client_of_owner.get(reverse("recording-terms", args=[make_recording().pk])).status_code == 404


def test_transcript_without_terms_says_where_to_write_some(client_of_owner, owner):
    content = client_of_owner.get(reverse("recording-terms", args=[make_recording(owner).pk])).content.decode()
    assert f'href="{PAGE}"' in content
