"""The admin in a real browser: under the strict content security policy, with a status page that keeps itself fresh."""

import pytest
from playwright.sync_api import Page, Request

from tests.browser.test_every_page import flaws

pytestmark = [pytest.mark.browser, pytest.mark.server]

EMAIL, PASSWORD = "admin@example.org", "correct horse battery"
SEED = """
from django.contrib import admin
from django.urls import reverse
from tests.factories import make_job, make_recording, make_transcript
from tests.transcription.admin.rows import make_one_of_each
rows = make_one_of_each()
make_job(make_transcript(make_recording(title="Read aloud"), segments=2).recording)
for model in admin.site._registry:
    place = f"admin:{model._meta.app_label}_{model._meta.model_name}"
    print(reverse(f"{place}_changelist"))
    row = rows.get(model) or model.objects.first()
    if row and model._meta.model_name in {"user", "recording", "job"}:
        print(reverse(f"{place}_change", args=[row.pk]))
"""


@pytest.fixture(scope="module")
def paths(server) -> list[str]:
    """A list of every model, and a row of those with widgets of their own; the others show theirs alike."""
    server.manage("create_user", EMAIL, "--admin", given=f"{PASSWORD}\n")
    return ["/admin/", "/admin/status/", *server.manage("shell", "-v", "0", "-c", SEED).split()]


@pytest.fixture
def seeded(server, paths):
    return server


@pytest.fixture
def admin_page(seeded, page: Page) -> Page:
    page.goto(f"{seeded.url}/admin/")
    page.get_by_label("E-mail").fill(EMAIL)
    page.locator("input[type=password]").fill(PASSWORD)
    page.locator("form button[type=submit]").first.click()
    page.wait_for_url("**/admin/")
    return page


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_page_of_the_admin_has_flaws(seeded, paths, admin_page, scheme):
    refused: list[str] = []
    admin_page.on("console", lambda message: refused.append(message.text) if message.type == "error" else None)
    admin_page.emulate_media(color_scheme=scheme)
    for path in paths if scheme == "light" else paths[:4]:
        assert admin_page.goto(f"{seeded.url}{path}").status == 200
        assert (path, flaws(admin_page)) == (path, [])
    assert refused == []


def test_cancel_from_the_list_of_jobs(seeded, admin_page):
    admin_page.goto(f"{seeded.url}/admin/transcription/job/")
    admin_page.locator("tr input.action-select").first.check()
    admin_page.locator("select[name=action]").select_option("cancel")
    admin_page.locator("button[name=index]").click()
    told = admin_page.locator(".messagelist li").inner_text()
    # The worker may have been quicker.
    assert told in {"Cancelled: 1.", "Left as they were: 1. This job has already ended."}


def test_status_page_asks_again_by_itself(seeded, admin_page):
    admin_page.goto(f"{seeded.url}/admin/status/")
    first = admin_page.locator("#status .help").first.inner_text()
    with admin_page.expect_request(lambda request: _is_refresh(request)) as asked:
        pass
    assert asked.value.response().status == 200
    admin_page.wait_for_function("first => document.querySelector('#status .help').innerText !== first", arg=first)
    assert admin_page.locator("#status-workers").count() == 1


def _is_refresh(request: Request) -> bool:
    return request.url.endswith("/admin/status/") and request.headers.get("hx-request") == "true"
