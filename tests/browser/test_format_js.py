"""Times as people write them."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.browser


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("62.5", 62.5),
        (" 1:02.5 ", 62.5),
        ("1:02,25", 62.25),
        ("1:02:03.125", 3723.125),
        ("0", 0),
        ("90", 90),
        ("90:00", 5400),
        ("7.", 7),
        ("", None),
        ("soon", None),
        ("-1", None),
        ("1:75", None),
        ("1:60:00", None),
        ("1:2:3:4", None),
        ("1e3", None),
        ("1.2.3", None),
        ("9999999", None),
    ],
)
def test_time_is_read_or_refused(modules, text, seconds):
    assert modules.evaluate("(text) => import('/js/format.js').then((m) => m.readClock(text))", text) == seconds


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0:00.00"), (4.005, "0:04.01"), (59.999, "1:00.00"), (62.5, "1:02.50"), (3723.25, "1:02:03.25")],
)
def test_time_is_written_to_the_hundredth(modules, seconds, text):
    assert modules.evaluate("(time) => import('/js/format.js').then((m) => m.exactClock(time))", seconds) == text
