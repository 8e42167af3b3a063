"""Notices at the foot of the page never hide it."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

pytestmark = [pytest.mark.browser, pytest.mark.server]
SHOW = """(said) => {
    const script = performance.getEntriesByType("resource").find((each) => /toasts/.test(each.name));
    return import(script.name).then(({ showToast }) => said.forEach((text) => showToast(text, { level: "error" })));
}"""


UNDO = """() => {
    const toast = document.querySelector("#toast-template").content.firstElementChild.cloneNode(true);
    toast.querySelector("p").textContent = "Deleted";
    toast.append(document.createElement("form"));
    document.querySelector("#toasts").append(toast);
}"""


@pytest.fixture
def page(new_tab) -> Page:
    return new_tab("/")


def test_same_words_are_said_once(page):
    page.evaluate(SHOW, ["Not saved", "Not found", "Not saved", "Not saved"])
    expect(page.locator(".toast p")).to_have_text(["Not found", "Not saved"])


def test_oldest_notices_make_room(page):
    page.evaluate(SHOW, [f"Failure {number}" for number in range(5)])
    expect(page.locator(".toast p")).to_have_text(["Failure 2", "Failure 3", "Failure 4"])
    page.locator(".toast-close").first.click()
    expect(page.locator(".toast p")).to_have_text(["Failure 3", "Failure 4"])


def test_notice_with_undo_does_not_make_room(page):
    page.evaluate(UNDO)
    page.evaluate(SHOW, [f"Failure {number}" for number in range(4)])
    expect(page.locator(".toast p")).to_have_text(["Deleted", "Failure 1", "Failure 2", "Failure 3"])
