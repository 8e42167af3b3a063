"""Parts of the record page that need no server: the resampler, the sound that is kept, the messages."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Page

from tests.server import ROOT
from transcription import protocol

pytestmark = pytest.mark.browser
EXAMPLES = json.loads((ROOT / "docs" / "contracts" / "live-examples.json").read_text())
SINE = """({from, hertz, block}) => import("/js/live/resampler.js").then(({ Resampler }) => {
    const resampler = new Resampler(from, 16000);
    const input = Float32Array.from({ length: from }, (_, n) => Math.sin(2 * Math.PI * hertz * n / from));
    const output = [];
    for (let at = 0; at < input.length; at += block) output.push(...resampler.push(input.subarray(at, at + block)));
    output.push(...resampler.flush());
    return output;
})"""
KEPT = """async (steps) => {
    const { KeptSound, Keeper, UnsavedSound } = await import("/js/live/unsaved.js");
    return await eval(steps);
}"""


def resample(page: Page, rate: int, hertz: float, *, block: int = 2_400) -> np.ndarray:
    return np.array(page.evaluate(SINE, {"from": rate, "hertz": hertz, "block": block}))


def sine(hertz: float) -> np.ndarray:
    return np.sin(2 * np.pi * hertz * np.arange(16_000) / 16_000)


@pytest.mark.parametrize("rate", [8_000, 16_000, 22_050, 44_100, 48_000, 96_000])
def test_speech_passes_the_resampler_unchanged(modules, rate):
    for hertz in (100, 1_000, 3_300 if rate == 8_000 else 6_500):
        heard = resample(modules, rate, hertz)
        assert len(heard) == 16_000
        inside = slice(400, -400)
        assert np.abs(heard[inside] - sine(hertz)[inside]).max() < 0.003


@pytest.mark.parametrize("rate", [44_100, 48_000, 96_000])
def test_what_16_khz_cannot_hold_is_taken_out(modules, rate):
    for hertz in (9_000, 12_000, 20_000):
        heard = resample(modules, rate, hertz)[400:-400]
        assert np.sqrt(np.mean(heard**2)) < 0.001 * np.sqrt(0.5)


def test_blocks_make_no_difference(modules):
    whole = resample(modules, 44_100, 1_000, block=44_100)
    assert np.array_equal(whole, resample(modules, 44_100, 1_000, block=128))
    assert np.array_equal(whole, resample(modules, 44_100, 1_000, block=7))


def test_frames_are_what_the_server_reads(modules):
    made = modules.evaluate(
        """() => import("/js/live/frames.js").then(({ frame }) =>
            [...new Uint8Array(frame(2 ** 40 + 5, Int16Array.of(1, -2, 32767, -32768)))])"""
    )
    read = protocol.parse_frame(bytes(made))
    assert read.position == 2**40 + 5
    assert np.frombuffer(read.payload, "<i2").tolist() == [1, -2, 32767, -32768]


def test_messages_are_those_of_the_protocol(modules):
    made = modules.evaluate(
        """() => import("/js/live/frames.js").then(({ configure, finish, PAUSE, RESUME, PING }) =>
            ({ configure: configure("de"), finish: finish(176000), pause: PAUSE, resume: RESUME, ping: PING }))"""
    )
    assert made == EXAMPLES["client"]
    limits = modules.evaluate("import('/js/live/frames.js').then((m) => [m.SUBPROTOCOL, m.MAX_PAYLOAD])")
    assert limits == [protocol.SUBPROTOCOL, protocol.MAX_PAYLOAD]


def test_unsaved_sound_is_read_across_blocks(modules):
    read = modules.evaluate(
        KEPT,
        """(() => {
            const sound = new UnsavedSound(100);
            for (let n = 0; n < 5; n += 1) sound.add(Int16Array.from({ length: 10 }, (_, i) => 100 + 10 * n + i));
            const all = [...sound.read(100, 1000)];
            sound.drop(117);
            const rest = [sound.first, sound.end, [...sound.read(117, 20)], [...sound.read(150, 5)]];
            sound.drop(200);
            return [all, rest, sound.first, sound.end];
        })()""",
    )
    assert read[0] == list(range(100, 150))
    assert read[1] == [117, 150, list(range(117, 137)), []]
    assert read[2:] == [200, 200]


def test_missing_sound_is_filled_with_silence(modules):
    read = modules.evaluate(
        KEPT,
        """(() => {
            const sound = new UnsavedSound(5);
            sound.add(Int16Array.of(7, 8));
            sound.fillFrom(2);
            return [sound.first, sound.end, [...sound.read(2, 10)]];
        })()""",
    )
    assert read == [2, 7, [0, 0, 0, 7, 8]]


def test_browser_keeps_what_is_not_acknowledged(modules):
    kept: Any = modules.evaluate(
        KEPT,
        """(async () => {
            const kept = await KeptSound.open();
            await kept.begin({ id: "a", owner: "1", title: "Talk", begun: 1 });
            await kept.begin({ id: "b", owner: "2", title: "Of another person", begun: 1 });
            await kept.drop("a", 100); // before half a second there is nothing to forget
            const keeper = new Keeper(kept, "a");
            for (let n = 0; n < 30; n += 1) keeper.add(1000 + 1600 * n, new Int16Array(1600).fill(n));
            keeper.flush();
            const before = await kept.load("a");
            const all = [...before.read(1000, 48000)];
            await kept.drop("a", 1000 + 20000);
            const after = await kept.load("a");
            const mine = await kept.recordings("1");
            await kept.forget("a");
            const gone = await kept.load("a");
            const others = await kept.recordings("1");
            return [before.first, before.end, all.every((value, i) => value === Math.floor(i / 1600)),
                after.first, after.end, mine.map(({ id }) => id), gone.end - gone.first, others.length];
        })()""",
    )
    assert kept[:3] == [1_000, 49_000, True]
    assert 1_000 < kept[3] <= 21_000
    assert kept[4:] == [49_000, ["a"], 0, 0]


def test_what_is_kept_on_both_sides_of_a_gap_is_loaded(modules):
    """With silence between, of which nothing is stored; what two tabs have kept of the same time counts once."""
    kept = modules.evaluate(
        KEPT,
        """(async () => {
            const kept = await KeptSound.open();
            await kept.add("c", 100, new Int16Array(100).fill(1));
            await kept.add("c", 150, new Int16Array(100).fill(2));
            await kept.add("c", 500, new Int16Array(50).fill(3));
            const sound = await kept.load("c");
            const values = [100, 199, 200, 249, 250, 499, 500].map((at) => sound.read(at, 1)[0]);
            return [sound.first, sound.end, sound.held, values];
        })()""",
    )
    assert kept == [100, 550, 200, [1, 1, 2, 2, 0, 0, 3]]


def test_browser_keeps_sound_at_its_position_when_some_is_skipped(modules):
    kept = modules.evaluate(
        KEPT,
        """(async () => {
            const kept = await KeptSound.open(), keeper = new Keeper(kept, "d");
            const sound = new UnsavedSound();
            keeper.add(sound.add(new Int16Array(100).fill(1)), new Int16Array(100).fill(1));
            sound.drop(300); // the server has more than was known here
            keeper.add(sound.add(new Int16Array(50).fill(2)), new Int16Array(50).fill(2));
            keeper.flush();
            const loaded = await kept.load("d");
            return [loaded.first, loaded.end, loaded.held, loaded.read(299, 2)[0], loaded.read(300, 1)[0]];
        })()""",
    )
    assert kept == [0, 350, 150, 0, 2]
