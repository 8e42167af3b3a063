"""Every page and dialog that there is, and how each is reached: by its address, or by what a person does there."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from playwright.sync_api import Page

PAGES = {
    "library": "/",
    "library-shared": "/?shared",
    "library-none-found": "/?q=nothing+is+called+like+this",
    "trash": "/trash/",
    "tags": "/tags/",
    "record": "/record/",
    "search": "/search/?q=printing",
    "captions": "/recordings/{talk}/captions/",
    "versions": "/recordings/{talk}/versions/",
    "compare": "/recordings/{talk}/versions/compare/?old=1.0&new=1",
    "sharing": "/recordings/{talk}/sharing/",
    "recording-tags": "/recordings/{talk}/tags/",
    "recording-terms": "/recordings/{talk}/terms/",
    "vocabulary": "/vocabulary/",
    "storage": "/storage/",
    "account-delete": "/storage/account/",
    "webhooks": "/webhooks/",
    "webhook": "/webhooks/{webhook}/",
    "api": "/api/",
    "profile": "/accounts/profile/",
    "password": "/accounts/password/",
    "invitations": "/accounts/invitations/",
    "admin": "/admin/",
    "admin-status": "/admin/status/",
    "admin-recordings": "/admin/transcription/recording/",
    "not-found": "/nowhere/",
}
"""For whoever is signed in."""
PAGES_FOR_STRANGERS = {
    "sign-in": "/accounts/sign-in/",
    "sign-up": "/accounts/sign-up/",
    "invitation": "{invitation}",
    "reset": "/accounts/reset/",
    "reset-sent": "/accounts/reset/sent/",
    "link-not-valid": "/accounts/first-run/nothing/",
    "shared": "/shared/{guest}/",
    "shared-password": "/shared/{locked}/",
    "shared-withdrawn": "/shared/{closed}/",
    "watch": "/watch/{watched}/",
}

Act = Callable[[Page], None]


def open_recording(page: Page) -> None:
    """Played for a moment, so that a word is marked."""
    page.locator("#waveform canvas").first.wait_for()
    times = page.locator(".seg-time")
    times.nth(min(1, times.count() - 1)).click()
    page.wait_for_timeout(2_500)
    page.locator("#media").evaluate("media => media.pause()")


def write(page: Page) -> None:
    page.locator(".seg-text").nth(-1 if page.locator(".seg-text").count() < 3 else 2).dblclick()
    page.locator("textarea.seg-field").wait_for()


def replace(page: Page) -> None:
    page.get_by_role("button", name="Replace", exact=True).click()
    page.get_by_label("Find", exact=True).fill("and")
    page.locator("#replace-found li").first.wait_for()


def show_speakers(page: Page) -> None:
    page.get_by_role("button", name="Speakers", exact=True).click()
    page.locator("#speaker-list li").first.wait_for()


def show_doubtful(page: Page) -> None:
    page.get_by_role("button", name="Doubtful", exact=True).click()
    page.locator(".doubtful [data-go]").first.wait_for()


def see_proposal(page: Page) -> None:
    page.locator(".proposal ins").first.wait_for()
    page.locator(".proposal").first.scroll_into_view_if_needed()


def comment(page: Page) -> None:
    page.locator("#comments-button").click()
    page.get_by_role("article").first.wait_for()


def share(page: Page) -> None:
    page.locator("[data-share]").click()
    page.get_by_role("dialog", name="Share").get_by_label("E-mail address").wait_for()


def of_passage(item: str) -> Act:
    """An entry of a passage's menu."""

    def choose(page: Page) -> None:
        page.locator(".seg").first.hover()
        page.locator(".seg-more").first.click()
        if item:
            page.get_by_role("menuitem", name=item).click()
            page.locator("dialog[open]").wait_for()

    return choose


def of_recording(dialog: str) -> Act:
    """One of the dialogs in the recording's menu."""

    def choose(page: Page) -> None:
        page.locator(".recording-actions summary[aria-label=More]").click()
        if dialog:
            page.locator(f"[data-dialog={dialog}]").click()
            page.locator("dialog[open]").wait_for()

    return choose


def export(page: Page) -> None:
    page.locator(".recording-actions summary", has_text="Export").click()


def select(page: Page) -> None:
    for box in page.locator("[data-select]").all()[:2]:
        box.check()
    page.locator(".bulk-bar").wait_for()


def share_selected(page: Page) -> None:
    select(page)
    page.locator(".bulk-bar").get_by_role("button", name="Share").click()
    page.locator("#share-many[open] form").first.wait_for()


def choose_options(page: Page) -> None:
    page.locator("#options summary").click()


def filter_rows(page: Page) -> None:
    page.locator(".filters-more summary").click()


def search(page: Page) -> None:
    page.keyboard.press("/")
    page.keyboard.type("country")
    page.locator("#search-hits [role=option]").first.wait_for()


def see_account(page: Page) -> None:
    page.locator(".site-header details summary").last.click()


def record(page: Page) -> None:
    """As long as it takes to read the first words."""
    page.get_by_role("button", name="Record", exact=True).click()
    page.locator("#open").wait_for(timeout=60_000)
    page.wait_for_timeout(4_000)


def stop(page: Page) -> None:
    page.get_by_role("button", name="Stop").click()
    page.wait_for_url("**/recordings/*/", timeout=60_000)


ACTS: Mapping[str, tuple[str, Act]] = {
    "library-selected": ("/", select),
    "library-share": ("/", share_selected),
    "library-options": ("/", choose_options),
    "library-filters": ("/", filter_rows),
    "search-dialog": ("/", search),
    "account-menu": ("/", see_account),
    "recording": ("/recordings/{talk}/", open_recording),
    "recording-menu": ("/recordings/{talk}/", of_recording("")),
    "recording-export": ("/recordings/{talk}/", export),
    "recording-keys": ("/recordings/{talk}/", of_recording("help-dialog")),
    "recording-again": ("/recordings/{talk}/", of_recording("transcribe-dialog")),
    "recording-import": ("/recordings/{talk}/", of_recording("import-dialog")),
    "editor": ("/recordings/{talk}/", write),
    "editor-menu": ("/recordings/{talk}/", of_passage("")),
    "editor-speaker": ("/recordings/{talk}/", of_passage("Speaker")),
    "editor-times": ("/recordings/{talk}/", of_passage("Times")),
    "editor-again": ("/recordings/{talk}/", of_passage("Transcribe again")),
    "editor-replace": ("/recordings/{talk}/", replace),
    "editor-speakers": ("/recordings/{talk}/", show_speakers),
    "editor-doubtful": ("/recordings/{talk}/", show_doubtful),
    "editor-proposal": ("/recordings/{talk}/", see_proposal),
    "comments": ("/recordings/{talk}/", comment),
    "sharing-dialog": ("/recordings/{talk}/", share),
    "record-live": ("/record/", record),
}
"""States of a page: where it is, and what is done there."""
AFTERWARDS: Mapping[str, Act] = {"record-live": stop}
"""What ends a state that would last."""
LOOKS = ("", "-dark", "-phone")


def names() -> list[str]:
    """Of all pictures, without looks, as they follow one another in the gallery."""
    return [*PAGES_FOR_STRANGERS, *PAGES, *ACTS]
