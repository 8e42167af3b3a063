"""Many rows at once, filters, and the end of an account, in a real browser against the whole product."""

from __future__ import annotations

import zipfile
from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.browser.conftest import EMAIL, PASSWORD
from tests.browser.network import intercept
from tests.server import Server

pytestmark = [pytest.mark.browser, pytest.mark.server]
SEED = """
from accounts.models import User
from tests.factories import make_recording, make_transcript
owner = User.objects.get(email={email!r})
for title in {titles!r}:
    make_transcript(make_recording(owner, title=title))
"""
ARRIVING = """
from django.utils import timezone
from accounts.models import User
from tests.factories import make_recording
from transcription.models import Upload
recording = make_recording(User.objects.get(email={email!r}), title="arriving", state="uploading")
Upload.objects.create(recording=recording, length=3000, offset=1000, expires_at=timezone.now() + timezone.timedelta(1))
"""


def seed(server: Server, *titles: str, email: str = EMAIL) -> None:
    server.manage("shell", "-v", "0", "-c", SEED.format(email=email, titles=titles))


def box(page: Page, title: str):
    return page.get_by_role("checkbox", name=f"Select {title}", exact=True)


def titles(page: Page):
    return page.locator("#rows a.row-title")


def test_rows_are_selected_tagged_saved_and_thrown_away(new_tab, server, tmp_path):
    seed(server, "one", "two", "three", "four")
    page = new_tab()
    bar = page.locator("#bulk")
    expect(bar).to_be_hidden()
    box(page, "four").check()
    expect(bar).to_contain_text("1 selected")
    box(page, "two").click(modifiers=["Shift"])
    expect(bar).to_contain_text("3 selected")
    titles(page).filter(has_text="two").focus()
    page.keyboard.press("x")
    expect(bar).to_contain_text("2 selected")

    bar.get_by_text("Tag", exact=True).click()
    page.get_by_label("New tag").fill("Board")
    page.keyboard.press("Enter")
    expect(page.locator("#toasts")).to_contain_text("The tag “Board” was added.")
    expect(page.locator("#rows .tag")).to_have_text(["Board", "Board"])

    page.get_by_label("Select all on this page").check()
    expect(bar).to_contain_text("4 selected")
    bar.get_by_text("Export", exact=True).click()
    with page.expect_download() as download:
        bar.get_by_role("button", name="SubRip captions").click()
    download.value.save_as(tmp_path / "saved.zip")
    with zipfile.ZipFile(tmp_path / "saved.zip") as archive:
        assert archive.namelist() == ["four.srt", "three.srt", "two.srt", "one.srt"]

    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    expect(bar).to_be_hidden()
    for title in ("three", "four"):
        box(page, title).check()
    bar.get_by_role("button", name="Delete").click()
    expect(titles(page)).to_have_text(["two", "one"])
    page.get_by_role("button", name="Undo").click()
    expect(titles(page)).to_have_text(["four", "three", "two", "one"])


def test_filters_narrow_the_list_and_the_address_can_be_kept(new_tab, server):
    seed(server, "Zagreb", "Vienna")
    page = new_tab()
    page.get_by_label("Title contains").fill("zag")
    expect(titles(page)).to_have_text(["Zagreb"])
    page.get_by_label("Order").select_option("title")
    page.wait_for_url("**/?q=zag&sort=title")
    wait_for_rows(page)
    row = page.locator("#rows .row")
    row.get_by_role("button", name="Favourite: Zagreb").click()
    expect(row.get_by_role("button", name="Favourite: Zagreb")).to_have_attribute("aria-pressed", "true")
    page.get_by_label("Title contains").fill("")
    expect(titles(page).filter(has_text="Vienna")).to_be_visible()
    page.get_by_text("More filters").click()
    page.get_by_label("Favourites only").check()
    expect(titles(page)).to_have_text(["Zagreb"])
    page.reload()
    expect(titles(page)).to_have_text(["Zagreb"])
    row.get_by_label("More for Zagreb").click()
    row.get_by_role("link", name="Tags…").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("New tag").fill("Travel")
    dialog.get_by_role("button", name="Save").click()
    expect(dialog).to_be_hidden()
    expect(row.get_by_role("link", name="Travel")).to_be_visible()


def wait_for_rows(page: Page) -> None:
    """The address comes before them."""
    page.wait_for_function("() => !document.querySelector('.htmx-request, .htmx-swapping')")


def hold(page: Page, url: str, press: Callable[[], object], *, is_done: bool) -> Callable[[], None]:
    """Press; what is returned lets the request go on to the server, or, once that is done, the answer to the page."""
    held: list[Callable[[], None]] = []

    def keep(route: Route) -> None:
        answer = route.fetch() if is_done else None
        held.append(lambda: route.fulfill(response=answer) if answer else route.continue_())

    intercept(page, url, keep, times=1)
    press()
    while not held:
        page.wait_for_timeout(50)
    return held[0]


def test_what_is_done_while_the_list_is_drawn_anew_is_shown(new_tab, server):
    seed(server, "Oslo")
    page = new_tab()
    star, order = page.get_by_role("button", name="Favourite: Oslo"), page.get_by_label("Order")

    go_on = hold(page, "**/favourite/", star.click, is_done=False)
    order.select_option("title")
    page.wait_for_url("**/?*sort=title")
    wait_for_rows(page)
    go_on()
    expect(star).to_have_attribute("aria-pressed", "true")

    go_on = hold(page, "**/?*sort=longest", lambda: order.select_option("longest"), is_done=True)
    star.click()
    expect(star).to_have_attribute("aria-pressed", "false")
    go_on()
    page.wait_for_url("**/?*sort=longest")
    wait_for_rows(page)
    expect(star).to_have_attribute("aria-pressed", "false")


def test_what_is_deleted_while_the_list_is_drawn_anew_stays_away(new_tab, server):
    seed(server, "Bergen")
    page = new_tab()
    row, order = page.locator(".row", has_text="Bergen"), page.get_by_label("Order")
    go_on = hold(page, "**/?*sort=longest", lambda: order.select_option("longest"), is_done=True)
    page.get_by_label("More for Bergen").click()
    row.get_by_role("button", name="Delete").click()
    expect(row).to_have_count(0)
    go_on()
    page.wait_for_url("**/?*sort=longest")
    wait_for_rows(page)
    page.wait_for_timeout(200)
    expect(row).to_have_count(0)
    page.get_by_role("button", name="Undo").click()
    expect(row).to_be_visible()


def test_a_row_stays_under_the_pointer_when_a_filter_is_left(new_tab, server):
    seed(server, "Lisbon")
    page = new_tab()
    page.get_by_label("Title contains").fill("lis")
    page.wait_for_url("**/?q=lis*")
    wait_for_rows(page)
    page.evaluate("document.querySelector('#rows .row').dataset.old = 'yes'")
    page.get_by_role("heading", name="Library").click()
    page.wait_for_timeout(500)
    expect(page.locator("#rows .row[data-old]")).to_be_visible()


def test_account_is_deleted_with_its_password(browser: Browser, server: Server):
    server.manage("create_user", "bob@example.org", given=f"{PASSWORD}\n")
    seed(server, "Bob's talk", email="bob@example.org")
    profile = browser.new_context(locale="en-GB")
    page = profile.new_page()
    page.goto(f"{server.url}/storage/account/")
    page.locator("[name=username]").fill("bob@example.org")
    page.locator("[name=password]").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_text("1 recording (")).to_be_visible()
    page.get_by_label("Your password").fill(PASSWORD)
    page.get_by_role("button", name="Delete the account and everything in it").click()
    expect(page.get_by_role("heading", name="Your account is gone")).to_be_visible()
    page.goto(server.url)
    expect(page.get_by_role("button", name="Sign in")).to_be_visible()
    profile.close()
    code = "from accounts.models import User; print(User.objects.filter(is_active=False).count())"
    for _ in range(50):
        if server.manage("shell", "-v", "0", "-c", code).strip() == "0":
            break
    else:
        pytest.fail("the account's rows are still there")


@pytest.mark.parametrize("width", [1280, 700, 390])
def test_what_is_still_arriving_is_in_line_with_the_other_rows(new_tab, server, width):
    seed(server, "there")
    server.manage("shell", "-v", "0", "-c", ARRIVING.format(email=EMAIL))
    page = new_tab(viewport={"width": width, "height": 800})
    row = page.locator("#rows > .row")
    for part in (".row-title", ".row-state"):
        shown = [row.filter(has_text=title).locator(part).first.bounding_box() for title in ("arriving", "there")]
        assert len({box["x"] for box in shown if box}) == 1
    expect(row.filter(has_text="arriving").get_by_role("checkbox")).to_have_count(0)


@pytest.mark.parametrize("width", [1280, 320])
def test_menu_of_formats_is_in_columns_and_within_the_window(new_tab, server, width):
    seed(server, "formats")
    page = new_tab(viewport={"width": width, "height": 800})
    box(page, "formats").first.check()
    menu = page.locator("#bulk .menu", has_text="As one ZIP file")
    menu.locator("summary").click()
    ends = menu.locator(".menu-hint").evaluate_all("hints => hints.map((h) => h.getBoundingClientRect().right)")
    assert len(ends) > 5
    assert max(ends) - min(ends) < 1
    assert max(ends) < width
