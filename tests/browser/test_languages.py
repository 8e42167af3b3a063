"""Pages in German, and text that runs from right to left or without spaces, in a real browser."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import EMAIL
from tests.browser.test_every_page import too_wide
from tests.server import Server

pytestmark = [pytest.mark.browser, pytest.mark.server]

ARABIC = "مرحبا بكم في هذه المحاضرة عن تاريخ العلوم في بغداد. "
JAPANESE = "これは字幕の試験です。長い文も折り返されます。"
SEED = """
from django.conf import settings
from accounts.models import User
from tests.factories import add_finals, make_live, make_media, make_transcript
from transcription.models import Recording, TranscriptSegment
settings.UPLOADS.mkdir(exist_ok=True)
owner = User.objects.get(email={email!r})
for language, text in (("ar", {arabic!r}), ("ja", {japanese!r})):
    talk = make_media(owner, folder=settings.UPLOADS)
    Recording.objects.filter(pk=talk.pk).update(title=text * 2)
    made = make_transcript(talk, segments=3, language=language)
    each = [[n / 10, n / 10 + 0.1, word, 0.9] for n, word in enumerate((" " + text * 9).replace(" ", "| ").split("|"))]
    TranscriptSegment.objects.filter(transcript=made).update(language=language, text=text * 9, words=each)
    print(talk.pk)
live = make_live(owner)
Recording.objects.filter(pk=live.pk).update(title={arabic!r} * 3)
add_finals(live, 3, text={arabic!r} * 9)
print(live.pk)
"""
EDGES = """(element) => {
    const box = element.getBoundingClientRect(), range = document.createRange();
    range.selectNodeContents(element);
    const lines = [...range.getClientRects()].filter((line) => line.width > 1);
    return {
        direction: getComputedStyle(element).direction,
        begins: Math.round(Math.min(...lines.map((line) => line.left)) - box.left),
        ends: Math.round(box.right - Math.max(...lines.map((line) => line.right))),
        lines: new Set(lines.map((line) => Math.round(line.top))).size,
    };
}"""


@pytest.fixture(scope="module")
def ids(server: Server, signed_in) -> list[str]:
    seed = SEED.format(email=EMAIL, arabic=ARABIC, japanese=JAPANESE)
    return server.manage("shell", "-v", "0", "-c", seed).split()


def said(page: Page, selector: str) -> dict:
    return page.locator(selector).first.evaluate(EDGES)


def test_record_page_speaks_german(new_tab) -> None:
    page = new_tab("/record/", locale="de-AT")
    expect(page.locator("html")).to_have_attribute("lang", "de")
    expect(page).to_have_title("Aufnehmen – Scripta")
    expect(page.get_by_role("button", name="Aufnehmen")).to_be_visible()
    page.evaluate(
        """() => {
            navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException("", "NotFoundError"));
        }"""
    )
    page.get_by_role("button", name="Mikrofon testen").click()
    expect(page.locator("#setup-error")).to_contain_text("Es wurde kein Mikrofon gefunden.")


def test_player_speaks_german_and_times_are_those_of_the_country(new_tab, ids) -> None:
    page = new_tab(f"/recordings/{ids[0]}/", locale="de-DE")
    slider = page.get_by_role("slider", name="Position")
    expect(slider).to_have_attribute("aria-valuetext", "0 Sekunden von 9 Sekunden")
    page.keyboard.press("Alt+KeyL")
    expect(slider).to_have_attribute("aria-valuetext", "5 Sekunden von 9 Sekunden")
    expect(page.locator("#recording-meta")).to_contain_text("Sprache: Arabisch")
    expect(page.locator("#recording-meta time")).to_contain_text("Heute, ")
    expect(page.locator("#time-all")).to_have_text("0:09")


def test_sizes_are_written_as_the_server_writes_them(modules: Page) -> None:
    steps = """async () => {
        document.documentElement.lang = "de";
        const { fileSize, spokenTime } = await import("/js/format.js");
        return [fileSize(1), fileSize(2000), fileSize(5 * 2 ** 30), spokenTime(3723)];
    }"""
    assert modules.evaluate(steps) == [
        "1\u00a0byte",
        "2,0\u00a0KB",
        "5,0\u00a0GB",
        "1 hour 2 minutes 3 seconds",
    ]


@pytest.mark.parametrize("width", [1280, 390])
def test_arabic_runs_from_the_right(new_tab, ids, width: int) -> None:
    page = new_tab(f"/recordings/{ids[0]}/", viewport={"width": width, "height": 800})
    shown = said(page, ".seg p")
    assert (shown["direction"], shown["ends"] <= 1, shown["lines"] > 2) == ("rtl", True, True)
    assert said(page, "h1")["direction"] == "rtl"
    assert page.locator(".seg-time").first.evaluate("(e) => getComputedStyle(e).direction") == "ltr"
    assert too_wide(page) == []


@pytest.mark.parametrize("width", [1280, 390])
def test_japanese_breaks_between_characters(new_tab, ids, width: int) -> None:
    page = new_tab(f"/recordings/{ids[1]}/", viewport={"width": width, "height": 800})
    shown = said(page, ".seg p")
    assert (shown["direction"], shown["begins"] <= 1, shown["lines"] > 2) == ("ltr", True, True)
    assert too_wide(page) == []


def test_live_page_and_stage_follow_the_direction_of_what_is_said(new_tab, ids) -> None:
    page = new_tab(f"/recordings/{ids[2]}/watch/")
    assert [said(page, selector)["direction"] for selector in ("h1", "#said .said p")] == ["rtl", "rtl"]
    page.locator("#present").click()
    stage = page.locator("#stage-lines")
    shown = stage.evaluate("(e) => [getComputedStyle(e).direction, getComputedStyle(e).letterSpacing]")
    assert shown == ["rtl", "normal"]
    assert too_wide(page) == []
