"""The recorder against a server that a test plays: what it sends, what it keeps, and what becomes of it."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page

pytestmark = pytest.mark.browser

WORLD = """async () => {
    const sockets = [], states = [];
    window.WebSocket = class extends EventTarget {
        static OPEN = 1;
        readyState = 1;
        bufferedAmount = 0;
        sent = [];
        constructor(url) {
            super();
            this.query = Object.fromEntries(new URL(url).searchParams);
            sockets.push(this);
        }
        send(message) {
            const isSound = message instanceof ArrayBuffer;
            this.sent.push(isSound ? Number(new DataView(message).getBigUint64(0, true)) : JSON.parse(message).type);
        }
        close(code = 1006) {
            if (this.readyState === 3) return;
            this.readyState = 3;
            this.dispatchEvent(Object.assign(new Event("close"), { code }));
        }
        say(...messages) {
            for (const message of messages) {
                this.dispatchEvent(new MessageEvent("message", { data: JSON.stringify(message) }));
            }
        }
    };
    window.fetch = async () => new Response('{"id": "a"}', { status: 201 });
    await new Promise((resolve) => (indexedDB.deleteDatabase("scripta-live").onsuccess = resolve));
    const { Recorder } = await import("/js/live/recorder.js");
    const { KeptSound } = await import("/js/live/unsaved.js");
    const kept = await KeptSound.open();
    const quiet = { connection() {}, ready() {}, final() {}, partial() {}, lag() {}, notice() {} };
    const state = (name, problem) => states.push(problem ? `${name}: ${problem.code}` : name);
    const recorder = new Recorder({ kept, owner: "1", listener: { ...quiet, state } });
    const speak = (seconds) => recorder.add(new Int16Array(seconds * 16000).fill(1));
    class Device {
        source = "microphone";
        isOver = false;
        trouble = "";
        rest = 0;
        log = [];
        record() { this.log.push("record"); }
        async pause() {
            await new Promise((resolve) => setTimeout(resolve, 20));
            if (this.rest) speak(this.rest);
            this.rest = 0;
        }
        close() { this.log.push("close"); }
    }
    const capture = new Device();
    const ready = (received) => sockets.at(-1).say({ type: "ready", received, captions: "live", segments: [] });
    const settled = (wait = 60) => new Promise((resolve) => setTimeout(resolve, wait));
    const back = () => dispatchEvent(new Event("online"));
    const left = async () => (await kept.recordings("1")).map(({ id }) => id);
    window.world = { sockets, states, recorder, kept, speak, capture, Device, ready, settled, back, left };
}"""


@pytest.fixture
def run(modules: Page) -> Any:
    """Runs steps in a page with a recorder ``recorder`` of recording “a”; the value of the last."""
    modules.reload()
    modules.evaluate(WORLD)
    names = "{ sockets, states, recorder, kept, speak, capture, Device, ready, settled, back, left }"
    return lambda steps: modules.evaluate(f"async () => {{ const {names} = window.world; {steps} }}")


def test_sound_that_arrives_is_forgotten_here_when_all_is_over(run):
    found = run(
        """await recorder.begin(capture, { title: "Talk" });
        ready(0);
        speak(2);
        await recorder.stop();
        sockets[0].say({ type: "ack", received: 32000 }, { type: "finished" });
        await settled();
        return [states, await left(), (await kept.load("a")).held, sockets[0].sent];"""
    )
    assert found == [["recording", "finishing", "done"], [], 0, ["resume", 0, 16_384, "finish"]]


@pytest.mark.parametrize(("said", "code"), [("", "ended"), ("storage_full", "storage_full")])
def test_sound_that_was_not_taken_is_kept_though_the_speaker_has_stopped(run, said, code):
    """The server has ended the recording: while it was away, or when its disk was full."""
    error = f'{{ type: "error", code: "{said}", message: "No room.", retry: false }},' if said else ""
    found = run(
        f"""await recorder.begin(capture, {{}});
        ready(0);
        speak(1);
        sockets[0].say({{ type: "ack", received: 16000 }});
        sockets[0].close();
        speak(10);
        await recorder.stop();
        back();
        ready(16000);
        sockets[1].say({error} {{ type: "finished" }});
        await settled();
        const sound = await kept.load("a");
        return [states.at(-1), recorder.waiting, recorder.unsaved().length, await left(), sound.end];"""
    )
    assert found == [f"failed: {code}", 10, 160_000, ["a"], 176_000]


def test_limit_that_ends_the_speaking_is_told_though_everything_arrived(run):
    found = run(
        """await recorder.begin(capture, {});
        ready(0);
        speak(1);
        sockets[0].say({ type: "ack", received: 16000 });
        sockets[0].say({ type: "error", code: "too_long", message: "Too long.", retry: false }, { type: "finished" });
        await settled();
        return [states, await left()];"""
    )
    assert found == [["recording", "failed: too_long"], []]


def test_page_that_comes_back_says_how_far_it_has_sent(run):
    found = run(
        """await recorder.begin(capture, {});
        ready(0);
        speak(2);
        sockets[0].close();
        back();
        ready(8000);
        return [sockets.map(({ query }) => query), sockets[1].sent];"""
    )
    assert found[0] == [{"after": "-1"}, {"after": "-1", "sent": "32000"}]
    assert found[1] == ["resume", 8_000, 24_384]  # all of it, from where the server says, and once


@pytest.mark.parametrize("told", ["by the server", "by its position"])
def test_page_that_comes_back_leaves_a_recording_that_went_on_elsewhere(run, told):
    refusal = {
        "by the server": """sockets[1].say({ type: "error", code: "taken_over", message: "", retry: false });
            sockets[1].close(4409);""",
        "by its position": "ready(320000);",
    }
    found = run(
        f"""await recorder.begin(capture, {{ title: "Talk" }});
        ready(0);
        speak(2);
        sockets[0].say({{ type: "ack", received: 32000 }});
        sockets[0].close();
        speak(10);
        back();
        {refusal[told]}
        await settled();
        const aside = (await left()).find((id) => id !== "a");
        const sound = await kept.load(aside);
        const unsaved = recorder.unsaved().length;
        return [states.at(-1), sockets[1].sent, unsaved, sound.held, sound.read(0, 1)[0], capture.log];"""
    )
    assert found == ["taken", [], 160_000, 160_000, 1, ["record", "close"]]


def test_sound_whose_place_was_taken_by_another_device_is_set_aside(run):
    """A tab was closed with sound that never left it, and the speaker went on elsewhere before coming back here."""
    found = run(
        """await kept.add("a", 16000, new Int16Array(48000).fill(5));
        recorder.resume(capture, { id: "a", title: "Talk" });
        await settled();
        ready(160000);
        await settled();
        const aside = (await left()).find((id) => id !== "a");
        const sound = await kept.load(aside);
        return [states, recorder.waiting, sound.held, sound.read(0, 1)[0], sockets[0].sent];"""
    )
    assert found == [["starting", "recording"], 0, 48_000, 5, ["resume", "resume"]]


def test_lost_microphone_costs_not_even_its_last_samples(run):
    found = run(
        """await recorder.begin(capture, {});
        ready(0);
        speak(1);
        Object.assign(capture, { isOver: true, rest: 0.1 });
        await recorder.lose();
        const lost = [recorder.state, recorder.seconds];
        await settled();
        const held = (await kept.load("a")).held;
        const other = new Device();
        await recorder.use(other);
        speak(0.5);
        recorder.keep();
        await settled();
        return [lost, held, recorder.state, capture.log, other.log, (await kept.load("a")).held];"""
    )
    assert found == [["lost", 1.1], 17_600, "recording", ["record", "close"], ["record"], 25_600]


def test_microphone_that_is_lost_before_the_recording_begins_is_told(run):
    found = run(
        """capture.isOver = true;
        await recorder.begin(capture, {});
        return states;"""
    )
    assert found == ["recording", "lost"]


def test_device_that_opens_after_stop_is_closed_again(run):
    found = run(
        """await recorder.begin(capture, {});
        ready(0);
        capture.isOver = true;
        await recorder.lose();
        await recorder.stop();
        const other = new Device();
        await recorder.use(other);
        return [recorder.state, other.log];"""
    )
    assert found == ["finishing", ["close"]]


def test_pause_that_is_taken_back_at_once_is_not_sent(run):
    found = run(
        """await recorder.begin(capture, {});
        ready(0);
        const pausing = recorder.pause();
        recorder.goOn();
        await pausing;
        const quick = sockets[0].sent.includes("pause");
        await recorder.pause();
        return [quick, recorder.state, sockets[0].sent.at(-1)];"""
    )
    assert found == [False, "paused", "pause"]


def test_signed_out_speaker_goes_on_where_they_were(run):
    found = run(
        """await recorder.begin(capture, {});
        ready(0);
        speak(2);
        sockets[0].say({ type: "error", code: "not_signed_in", message: "Please sign in.", retry: false });
        sockets[0].close(4401);
        await settled();
        const other = new Device();
        recorder.retry(other);
        ready(16000);
        await settled();
        speak(1);
        return [states, sockets[1].query.sent, sockets[1].sent, recorder.seconds, other.log];"""
    )
    assert found[0] == ["recording", "failed: not_signed_in", "starting", "recording"]
    assert found[1:] == ["32000", ["resume", 16_000, "resume", 32_000], 3, ["record"]]


def test_sound_that_only_the_page_has_is_at_risk(run):
    found = run(
        """kept.database = null;
        await recorder.begin(capture, {});
        ready(0);
        speak(2);
        const before = recorder.isAtRisk;
        sockets[0].close(4404);
        await settled();
        return [before, recorder.isBusy, recorder.isAtRisk];"""
    )
    assert found == [False, False, True]


def test_microphone_is_let_go_of_when_the_worklet_cannot_be_fetched(run):
    found = run(
        """const { Capture, CaptureError } = await import("/js/live/capture.js");
        const stream = new AudioContext().createMediaStreamDestination().stream;
        navigator.mediaDevices.getUserMedia = async () => stream;
        const opening = Capture.open({ source: "microphone", worklet: "http://localhost:2/", listener: {} });
        const error = await opening.catch((error) => error);
        return [error instanceof CaptureError, error.code, stream.getAudioTracks()[0].readyState];"""
    )
    assert found == [True, "no_audio", "ended"]
