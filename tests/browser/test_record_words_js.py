"""What the record page says when something is wrong, or has ended."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.browser

WARNINGS = [
    ({"trouble": "muted"}, "silence", "The microphone is muted by its switch or by the system."),
    ({"trouble": "suspended"}, "silence", "The system has stopped the microphone."),
    ({"trouble": "muted", "connection": "waiting"}, "silence", "The microphone is muted"),
    ({"connection": "waiting"}, "connection", "Reconnecting. Still recording here"),
    ({"connection": "waiting", "state": "paused"}, "connection", "Reconnecting. What you said is kept here"),
    ({"connection": "connecting", "waiting": 2}, "", ""),
    ({"connection": "waiting", "state": "finishing"}, "unsent", "No connection. Keep this page open"),
    ({"state": "finishing"}, "sending", "Sending the rest"),
    ({"state": "lost", "source": "tab"}, "lost", "The tab is no longer shared."),
    ({"state": "lost"}, "lost", "The microphone is gone."),
    ({}, "", ""),
]


@pytest.mark.parametrize(("changes", "kind", "words"), WARNINGS)
def test_warnings_say_what_is_wrong(modules, changes, kind, words):
    well = {"state": "recording", "connection": "live", "waiting": 10, "trouble": "", "source": "microphone"}
    said = modules.evaluate("(now) => import('/js/live/alerts.js').then((m) => m.warning(now))", well | changes)
    assert said["kind"] == kind
    assert said["words"].startswith(words)
    assert bool(words) == bool(said["words"])
    assert said.get("count") in {None, " – 0:10 waiting"}


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({}, "Listening. Your words appear here as soon as you speak."),
        ({"connection": "connecting", "waiting": 2}, "Listening. Your words appear here as soon as you speak."),
        ({"state": "starting"}, "Connecting…"),
        ({"state": "paused"}, "Paused. Nothing is recorded until you go on."),
        ({"state": "paused", "connection": "waiting"}, "Paused. Nothing is recorded until you go on."),
        ({"connection": "waiting"}, "Waiting for the connection. Your words appear here when it is back."),
        ({"trouble": "muted"}, "Nothing is heard just now."),
        ({"state": "lost"}, "Nothing is heard just now."),
        ({"state": "finishing"}, "Finishing…"),
    ],
)
def test_place_of_the_text_says_what_is_awaited(modules, changes, words):
    well = {"state": "recording", "connection": "live", "waiting": 10, "trouble": "", "source": "microphone"}
    steps = "(now) => import('/js/live/alerts.js').then((m) => m.placeholder(now))"
    assert modules.evaluate(steps, well | changes) == words


ENDINGS = [
    ("not_signed_in", 42, True, "You are signed out", "0:42 in this browser", True),
    ("not_signed_in", 42, False, "You are signed out", "Download it before you close the page", True),
    ("ended", 42, True, "This recording has ended", "Your audio is safe: 12:31 on the server, 0:42", False),
    ("storage_full", 0, True, "The server’s disk is full", "Your audio is safe: 12:31 on the server.", False),
    ("taken_over", 42, True, "This recording goes on in another place", "0:42 that you said here", False),
    ("not_found", 0, True, "This recording was deleted", "", False),
    ("bad_frame", 0, True, "This recording was interrupted", "Your audio is safe", True),
]


@pytest.mark.parametrize(("code", "waiting", "kept", "title", "safe", "retry"), ENDINGS)
def test_failures_say_why_and_what_is_safe(modules, code, waiting, kept, title, safe, retry):
    problem, sound = {"code": code, "message": "Said."}, {"saved": 751, "waiting": waiting, "isKept": kept}
    steps = "([problem, sound]) => import('/js/live/endings.js').then((m) => m.describe(problem, sound))"
    shown = modules.evaluate(steps, [problem, sound])
    assert (shown["title"], shown["retry"], shown["download"]) == (title, retry, waiting > 0)
    assert safe in shown["safe"]
    assert shown["words"]
