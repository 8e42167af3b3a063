"""What a page asks the server for, held back or answered by a test."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from playwright.sync_api import Page, Route

PROBE = "/healthz?intercepted"
ANSWER = 204
"""The server's own is 200."""
INTERCEPTED = f"() => fetch('{PROBE}').then(({{ status }}) => status === {ANSWER}, () => false)"


def intercept(page: Page, url: str, handler: Callable[[Route], Any], **options: Any) -> None:
    """Like `page.route`, in a page that is open, and done when it holds.

    Chromium says so before it does: its renderers learn of it a moment later. What they ask for until then passes by
    unseen.
    """
    page.route(url, handler, **options)
    page.route(f"**{PROBE}", lambda route: route.fulfill(status=ANSWER))
    page.wait_for_function(INTERCEPTED)
