"""The pages of the admin: what they cost, what they show, and what nobody may change there."""

import pytest
from django.apps import apps
from django.contrib import admin
from procrastinate.contrib.django.models import ProcrastinateJob

from tests.factories import make_job, make_transcript
from tests.transcription.admin.rows import MODELS, make_one_of_each, make_staff, url
from transcription.enums import JobState
from transcription.models import Comment, Job, Recording, Transcript, TranscriptSegment, Upload, Waveform

pytestmark = pytest.mark.django_db


def test_every_model_is_registered_and_the_raw_queue_is_not():
    registered = set(admin.site._registry)
    assert set(apps.get_app_config("transcription").get_models()) == set(MODELS)
    assert registered & set(MODELS) == set(MODELS)
    assert ProcrastinateJob not in registered


@pytest.mark.parametrize("model", MODELS)
def test_list_needs_as_many_queries_for_three_rows_as_for_one(
    model, client, administrator, django_assert_max_num_queries
):
    make_one_of_each()
    client.get(url(model))  # content types are looked up once a process
    with django_assert_max_num_queries(20) as one:
        response = client.get(url(model))
    first = len(response.context["cl"].result_list)
    make_one_of_each()
    make_one_of_each()
    with django_assert_max_num_queries(20) as three:
        response = client.get(url(model))
    assert (len(response.context["cl"].result_list), len(three)) == (3 * first, len(one))


@pytest.mark.parametrize("model", MODELS)
def test_own_page_shows_the_row_and_nothing_to_save(model, client, administrator):
    row = make_one_of_each()[model]
    response = client.get(url(model, "change", row.pk))
    assert response.status_code == 200
    assert b'name="_save"' not in response.content


def test_own_page_of_a_recording_needs_as_many_queries_for_three_jobs_as_for_one(
    client, administrator, django_assert_max_num_queries
):
    recording = make_one_of_each()[Recording]
    page = url(Recording, "change", recording.pk)
    client.get(page)
    with django_assert_max_num_queries(20) as one:
        client.get(page)
    for version in (2, 3):
        recording.jobs.update(state=JobState.DONE)
        make_job(recording)
        make_transcript(recording, version=version, segments=1)
    with django_assert_max_num_queries(20) as three:
        client.get(page)
    assert len(three) == len(one)


@pytest.mark.parametrize("model", MODELS)
def test_search_and_every_filter_answer(model, client, administrator):
    make_one_of_each()
    options = admin.site._registry[model]
    queries = [f"?q={word}" for word in ("read", "person") if options.search_fields]
    specs = client.get(url(model)).context["cl"].filter_specs
    for spec in specs:
        queries += [choice["query_string"] for choice in spec.choices(client.get(url(model)).context["cl"])]
    assert [client.get(url(model) + query).status_code for query in queries] == [200] * len(queries)


@pytest.mark.parametrize("model", MODELS)
def test_rows_cannot_be_added_or_changed_by_hand(model, client, administrator):
    row = make_one_of_each()[model]
    assert client.get(url(model, "add")).status_code == 403
    assert client.post(url(model, "change", row.pk), {"state": "done", "text": "forged"}).status_code == 403


@pytest.mark.parametrize("model", [Upload, Transcript, TranscriptSegment, Job, Waveform])
def test_rows_cannot_be_deleted_by_hand(model, client, administrator):
    row = make_one_of_each()[model]
    assert client.post(url(model, "delete", row.pk), {"post": "yes"}).status_code == 403
    assert model.objects.filter(pk=row.pk).exists()


def test_list_of_segments_shows_no_word_that_was_said(client, administrator):
    segment = make_one_of_each()[TranscriptSegment]
    assert segment.text.encode() not in client.get(url(TranscriptSegment)).content
    assert segment.text.encode() in client.get(url(TranscriptSegment, "change", segment.pk)).content


def test_staff_who_may_view_jobs_see_no_segments(client):
    segment = make_one_of_each()[TranscriptSegment]
    client.force_login(make_staff("view_job"))
    assert client.get(url(Job)).status_code == 200
    assert client.get(url(TranscriptSegment, "change", segment.pk)).status_code == 403


def test_list_of_comments_shows_no_word_of_them(client, administrator):
    make_one_of_each()
    assert "Between us." not in client.get(url(Comment)).content.decode()


def test_models_have_plurals_and_sections_in_the_reader_s_language(client, administrator):
    page = client.get("/admin/", HTTP_ACCEPT_LANGUAGE="de").content.decode()
    assert all(word in page for word in ("Transkription", "Konten", "Aufträge", "Freigabelinks", "Vokabulare"))


def test_filter_by_error_names_rows_without_one(client, administrator):
    make_one_of_each()
    (choices,) = [
        list(spec.choices(client.get(url(Job)).context["cl"]))
        for spec in client.get(url(Job)).context["cl"].filter_specs
        if spec.title == "error code"
    ]
    assert [choice["display"] for choice in choices] == ["All", "none"]
