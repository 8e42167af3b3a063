"""The whole way once with a real model: a file goes in, the words that were spoken come out and can be heard."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.settings import MODELS
from tests.sounds import JFK

pytestmark = [
    pytest.mark.browser,
    pytest.mark.server,
    pytest.mark.model,
    pytest.mark.parametrize(
        "server", [{"SCRIPTA_ENGINE": "faster-whisper", "SCRIPTA_MODELS": str(MODELS)}], indirect=True
    ),
]

HIGHLIGHT_FOLLOWS = """(begin) => {
    const now = document.querySelector("#media").currentTime;
    const word = [...CSS.highlights.get("spoken")][0]?.startContainer;
    return word && now > begin + 0.5 && Math.abs(Number(word.dataset.start) - now) < 1.5;
}"""


def test_speech_becomes_words_that_can_be_heard(tab):
    tab.locator("#files").set_input_files(JFK)
    expect(tab.get_by_role("link", name="“jfk” is ready to read.")).to_be_visible(timeout=90_000)
    tab.locator("#rows").get_by_role("link", name="jfk").click()
    said = r"ask not what your country can do for you\W+ask what you can do for your country"
    expect(tab.locator("#transcript")).to_contain_text(re.compile(said, re.IGNORECASE))

    expect(tab.locator("#waveform canvas").first).to_be_visible()
    tab.locator(".seg-text", has_text="country").first.hover()  # which makes its words something to press
    tab.locator("#transcript span", has_text="country").first.click()
    # In the recording the first "country" is said between 4.5 s and 6.5 s.
    time = tab.evaluate("document.querySelector('#media').currentTime")
    assert 4.5 < time < 6.5
    tab.keyboard.press("Space")
    tab.wait_for_function(HIGHLIGHT_FOLLOWS, arg=time)
    expect(tab.locator("#recording-meta")).to_contain_text("English")
    expect(tab.locator("#recording-meta")).to_contain_text("base")
