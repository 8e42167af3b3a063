"""The page of queue, workers and disk."""

from datetime import timedelta

import pytest
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from tests.factories import make_job, make_live, make_user
from tests.transcription.admin.rows import make_staff, url
from transcription.models import Job, Live, Upload
from transcription.services import attempts

pytestmark = pytest.mark.django_db


def test_status_page_shows_figures_and_its_refresh_only_those(client, administrator):
    job = make_job()
    attempts.claim_job(job_id=job.pk, worker="here:1")
    page, part = (
        client.get(reverse("admin-status")),
        client.get(reverse("admin-status"), headers={"HX-Request": "true"}),
    )
    for response in (page, part):
        assert response.status_code == 200
        assert b"here:1" in response.content
    assert (b"<html" in page.content, b"<html" in part.content) == (True, False)


def test_status_page_needs_as_many_queries_for_three_jobs_as_for_one(
    client, administrator, django_assert_max_num_queries
):
    def run_job() -> None:
        attempts.claim_job(job_id=make_job().pk, worker="here:1")

    run_job()
    client.get(reverse("admin-status"))
    with django_assert_max_num_queries(25) as one:
        client.get(reverse("admin-status"))
    run_job()
    run_job()
    with django_assert_max_num_queries(25) as three:
        client.get(reverse("admin-status"))
    assert len(three) == len(one)


def test_status_page_is_closed_to_people_and_to_staff_without_the_right(client):
    page = reverse("admin-status")
    client.force_login(make_user())
    assert client.get(page).status_code == 302
    client.force_login(make_staff())
    assert client.get(page).status_code == 403
    client.force_login(make_staff("view_job"))
    assert client.get(page).status_code == 200


def test_status_links_open_the_lists_that_they_promise(client, administrator):
    job = attempts.claim_job(job_id=make_job().pk, worker="here:1")
    attempts.fail_job(job=job, code="media_empty", message="Empty.")
    make_job()
    failed = client.get(url(Job), {"state__exact": "failed", "error_code": "media_empty"})
    assert [row.pk for row in failed.context["cl"].result_list] == [job.pk]
    arriving = client.get(url(Upload), {"recording__state__exact": "uploading"})
    assert arriving.status_code == 200


def test_index_leads_to_the_status_page(client, administrator):
    response = client.get(reverse("admin:index"))
    assert f'<a class="button" href="{reverse("admin-status")}"'.encode() in response.content


def test_silent_worker_is_named_on_the_status_page(client, administrator):
    with connection.cursor() as cursor:
        at = timezone.now() - timedelta(minutes=5)
        cursor.execute("INSERT INTO procrastinate_workers (last_heartbeat) VALUES (%s)", [at])
    assert "Silent for 5\xa0minutes" in client.get(reverse("admin-status")).content.decode()


def test_status_shows_who_speaks(client, administrator):
    spoken = make_live(title="Town hall")
    page = client.get(reverse("admin-status")).content.decode()
    assert "1 speaking, 0 paused" in page
    assert f'href="{url(Live, "change", spoken.pk)}">Town hall</a>' in page
