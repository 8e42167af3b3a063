"""The admin in a real browser: under the strict content security policy, with a status page that keeps itself fresh."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, Request

pytestmark = [pytest.mark.browser, pytest.mark.server]

AXE = Path(__file__).parents[1] / "vendor" / "axe-core" / "axe.min.js"
EMAIL, PASSWORD = "admin@example.org", "correct horse battery"
SEED = """
from tests.factories import make_job, make_recording, make_transcript
make_job(make_transcript(make_recording(title="Read aloud"), segments=2).recording)
"""
LISTS = ["recording", "upload", "transcript", "transcriptsegment", "job", "waveform"]


@pytest.fixture(scope="module")
def seeded(server):
    server.manage("create_user", EMAIL, "--admin", given=f"{PASSWORD}\n")
    server.manage("shell", "-c", SEED)
    return server


@pytest.fixture
def admin_page(seeded, page: Page) -> Page:
    page.goto(f"{seeded.url}/admin/")
    page.get_by_label("E-mail").fill(EMAIL)
    page.locator("input[type=password]").fill(PASSWORD)
    page.locator("form button[type=submit]").first.click()
    page.wait_for_url("**/admin/")
    return page


def test_no_page_of_the_admin_violates_the_policy(seeded, admin_page):
    refused: list[str] = []
    admin_page.on("console", lambda message: refused.append(message.text) if message.type == "error" else None)
    paths = [f"transcription/{name}/" for name in LISTS]
    paths += ["", "status/", "accounts/user/", "accounts/user/1/change/", "accounts/invitation/"]
    for path in paths:
        assert admin_page.goto(f"{seeded.url}/admin/{path}").status == 200
    for name in ("recording", "job", "transcriptsegment"):
        admin_page.goto(f"{seeded.url}/admin/transcription/{name}/")
        admin_page.locator("#result_list tbody th a").first.click()
        admin_page.locator("#content h2").first.wait_for()
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


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_status_page_has_no_flaws_that_axe_finds(seeded, admin_page, scheme):
    admin_page.emulate_media(color_scheme=scheme)
    admin_page.goto(f"{seeded.url}/admin/status/")
    admin_page.evaluate(AXE.read_text())
    found = admin_page.evaluate("() => axe.run('#status')")
    assert [(flaw["id"], [node["html"] for node in flaw["nodes"]]) for flaw in found["violations"]] == []
