"""A recording's page that is open while its sound is read."""

from __future__ import annotations

import re
import time

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from tests.browser.test_every_page import flaws, too_wide
from tests.sounds import speech, write_sound

pytestmark = [
    pytest.mark.browser,
    pytest.mark.server,
    pytest.mark.parametrize("server", [{"SCRIPTA_MODEL": "1.5"}], indirect=True),
]
TALLEST = """canvas => {
    const { width, height } = canvas, pixels = canvas.getContext("2d").getImageData(0, 0, width, height).data;
    const alpha = (x, y) => pixels[4 * (y * width + x) + 3];
    const drawn = (x) => Array.from({ length: height }, (_, y) => alpha(x, y)).filter(Boolean).length;
    return Math.max(...Array.from({ length: width }, (_, x) => drawn(x)));
}"""


def tallest_wave(page: Page) -> int:
    """In pixels; of a flat line, 2."""
    return page.locator("#waveform canvas").first.evaluate(TALLEST)


def expect_waves(page: Page) -> None:
    deadline = time.monotonic() + 10
    while tallest_wave(page) <= 10:
        assert time.monotonic() < deadline
        page.wait_for_timeout(100)


def test_passages_appear_while_the_rest_is_worked_on(tab, tmp_path):
    talk = write_sound(tmp_path / "growing.flac", np.tile(speech(), 12))
    tab.locator("#files").set_input_files(talk)
    tab.get_by_role("link", name="growing").click()
    tab.evaluate("window.sameDocument = true")
    running = tab.locator("#job-status[data-kind='transcribing']")
    expect(running).to_be_visible()
    expect(tab.locator(".seg").first).to_be_visible(timeout=20_000)
    assert tallest_wave(tab) == 2
    tab.keyboard.press("Space")
    early = tab.locator(".seg").count()
    expect(running).to_be_visible()
    expect(tab).to_have_title(re.compile(r"\d+ % – growing"))
    expect(tab.get_by_role("link", name="“growing” is ready to read.")).to_be_visible(timeout=60_000)
    indices = [
        int(index) for index in tab.evaluate("[...document.querySelectorAll('.seg')].map((s) => s.dataset.index)")
    ]
    assert indices == list(range(len(indices)))
    assert len(indices) > early
    assert tab.evaluate("window.sameDocument")
    expect(tab.locator("summary", has_text="Export")).to_be_visible()
    expect(tab.locator("#recording-meta")).to_contain_text("English")
    expect_waves(tab)
    assert tab.locator("#media").evaluate("media => !media.paused && media.currentTime > 0")
    expect(tab.get_by_role("button", name="Correct", exact=True)).to_be_visible()
    assert (flaws(tab), too_wide(tab)) == ([], [])
    heard = tab.locator("#media").evaluate("media => media.currentTime")
    tab.keyboard.press("e")
    expect(tab.get_by_role("group", name="Correct")).to_be_visible()
    expect_waves(tab)
    assert tab.locator("#media").evaluate("media => media.currentTime") > heard - 0.1
