"""``WS /ws/recordings/<uuid>/watch/``: captions for an audience. Nothing that a watcher sends changes anything."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Coroutine
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs

import structlog
from django.conf import settings
from django.http import parse_cookie
from django.utils.translation import gettext, gettext_noop

from accounts.client import address_of
from accounts.errors import TooManyAttempts
from accounts.models import Scope
from accounts.services import keys
from transcription import protocol as messages
from transcription.consumers.base import SocketConsumer
from transcription.errors import LinkLocked, LinkUnknown, LinkWithdrawn
from transcription.protocol import Close
from transcription.services import following, links
from transcription.watching import Feed, FeedFull, feeds, in_thread

logger = structlog.get_logger(__name__)

RECHECK_EVERY = 60.0
"""Seconds between two looks at whether a session or key is still good."""
SEND_SECONDS = 8.0
"""Who does not take a message for so long is put out, and comes back with the index of what was read last."""
PINGS = 30
"""A minute; who sends more is put out."""
READY_BYTES = 256 * 1024
"""Of segments in ``ready``; more follow as ``final``, so that no message is larger than clients take."""


class Refused(Exception):  # noqa: N818  (an answer to the watcher, not an error of ours)
    def __init__(self, close: int, code: str, message: str, *, retry: bool = False) -> None:
        super().__init__(code)
        self.close = close
        self.error = messages.error(code=code, message=message, retry=retry)


NOT_FOUND = (Close.NOT_FOUND, "not_found", gettext_noop("There is no such recording."))
NOT_SIGNED_IN = (Close.NOT_SIGNED_IN, "not_signed_in", gettext_noop("Please sign in again to follow."))


@dataclass(frozen=True, slots=True)
class Ticket:
    """The link by which somebody follows, and its lock (see ``links.lock_of``) when it was opened.

    What a feed saw before ``since``, in seconds of the event loop, says nothing of it.
    """

    link_id: int
    lock: str
    since: float


class WatchConsumer(SocketConsumer):
    """Keeps of each watcher how far it has read and no queue: a slow reader gets what is newest, less often."""

    _tasks: frozenset[asyncio.Task[None]] = frozenset()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """The server may cancel this at any moment, without ``disconnect``."""
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._let_go()

    async def connect(self) -> None:
        offered = self.scope.get("subprotocols", [])
        await self.accept(messages.SUBPROTOCOL if messages.SUBPROTOCOL in offered else None)
        self._pings = PINGS
        self._by_link = False
        self._tasks = frozenset(asyncio.create_task(self._guarded(work())) for work in (self._follow, self._recheck))

    async def disconnect(self, code: int) -> None:
        self._let_go()

    def _let_go(self) -> None:
        for task in self._tasks:
            task.cancel()

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        """``ping`` is answered, so that clients notice a dead connection; anything else is out of place here."""
        self._pings -= 1
        await self._guarded(self._answer(is_ping=self._pings >= 0 and _is_ping(text_data)))

    async def _answer(self, *, is_ping: bool) -> None:
        if not is_ping:
            raise Refused(Close.BAD_MESSAGE, "bad_message", gettext("This connection is only for reading."))
        await self._send(json.dumps(messages.pong()))

    # Following --------------------------------------------------------------------------------------------------------

    async def _follow(self) -> None:
        after, token, visit = self._asked()
        ticket = await self._admit(token, visit)
        try:
            feed = await feeds.join(self.scope["url_route"]["kwargs"]["pk"], limit=settings.LIVE_WATCHERS)
        except FeedFull:
            words = gettext_noop("Very many people follow this recording already. Please try again.")
            raise Refused(Close.FULL, "full", words, retry=True) from None
        try:
            await self._show(feed, after, ticket)
        finally:
            feeds.leave(feed)

    async def _show(self, feed: Feed, after: int, ticket: Ticket | None) -> None:
        """Send what comes after ``after``, until the recording has ended."""
        shown = None
        _check(feed, ticket)
        after = await self._send_ready(feed, after)
        while True:
            version = feed.version
            _check(feed, ticket)
            batch = await feed.finals(after=after)
            for final in batch:
                await self._send(f'{{"type": "final", "segment": {final.segment}}}')
                after = final.index
            if batch:
                continue
            if feed.partial is not None and feed.partial is not shown:
                shown = feed.partial
                await self._send(json.dumps(shown))
            if feed.is_over:
                return await self._finish(feed)
            await feed.changed(since=version)

    async def _send_ready(self, feed: Feed, after: int) -> int:
        """``ready``, with as many segments as one message should hold; the index of the last one."""
        assert feed.followed is not None
        segments, size = [], 0
        for final in await feed.finals(after=after):
            size += len(final.segment)
            if size > READY_BYTES:
                break
            segments.append(final.segment)
            after = final.index
        ready = json.dumps(
            messages.ready(received=feed.followed.received, captions=feed.followed.captions, segments=[])
        )
        # Each segment was written as JSON once, for all watchers: it goes into the empty list as it is.
        await self._send(ready.replace('"segments": []', f'"segments": [{", ".join(segments)}]'))
        return after

    async def _finish(self, feed: Feed) -> None:
        assert feed.followed is not None
        finished = messages.finished(recording=feed.recording_id, transcript=feed.followed.transcript_id)
        await self._send(json.dumps(finished))
        await self.close(Close.DONE)

    # Who may ----------------------------------------------------------------------------------------------------------

    def _asked(self) -> tuple[int, str, str]:
        """The index that the watcher has read up to, its link's token, and the sign of the visit that is counted."""
        try:
            query = parse_qs(self.scope["query_string"].decode("latin-1"), max_num_fields=20)
            after = int(query.get("after", ["-1"])[0])
        except ValueError:
            raise Refused(Close.BAD_MESSAGE, "bad_message", gettext("“after” must be a number.")) from None
        token, visit = (query.get(name, [""])[0] for name in ("token", "visit"))
        return max(-1, min(after, messages.LARGEST_INDEX)), token, visit

    async def _admit(self, token: str, visit: str) -> Ticket | None:
        """That of who follows by a link; None for who may see the recording anyway."""
        pk = self.scope["url_route"]["kwargs"]["pk"]
        if token:
            self._by_link = True
            opened = await in_thread(_open, token, visit, address_of(self.scope), pk, _cookies(self.scope))
            return Ticket(*opened, since=asyncio.get_running_loop().time())
        user, key = self.scope["user"], self.scope["api_key"]
        if not user.is_authenticated:
            raise Refused(*NOT_SIGNED_IN)
        if not keys.allows(key, Scope.READ):
            raise Refused(Close.NOT_ALLOWED, "not_allowed", gettext("This key may not read."))
        if not await in_thread(following.may_follow, pk, user):
            raise Refused(*NOT_FOUND)
        return None

    async def _recheck(self) -> None:
        """Once a minute: whoever follows by session or key must still have it, and still see the recording.

        Links are the feed's matter.
        """
        while True:
            await asyncio.sleep(RECHECK_EVERY)
            self._pings = PINGS
            if self._by_link:
                continue
            if not await self.scope["recheck"]():
                raise Refused(*NOT_SIGNED_IN)
            if not await in_thread(following.may_follow, self.scope["url_route"]["kwargs"]["pk"], self.scope["user"]):
                raise Refused(*NOT_FOUND)

    # Answers ----------------------------------------------------------------------------------------------------------

    async def _guarded(self, work: Coroutine[Any, Any, None]) -> None:
        """Do it to the end; what goes wrong is said to the watcher, who is then put out."""
        try:
            await work
        except Refused as refused:
            await self._refuse(refused)
        except TimeoutError:
            await self.close(Close.TOO_SLOW)
        except Exception:
            logger.exception("watcher failed")
            await self.close(Close.FAILED)

    async def _refuse(self, refused: Refused) -> None:
        with suppress(TimeoutError):
            await self._send(json.dumps(refused.error))
        await self.close(refused.close)

    async def _send(self, text: str) -> None:
        async with asyncio.timeout(SEND_SECONDS):
            await self.send(text_data=text)


def _check(feed: Feed, ticket: Ticket | None) -> None:
    """Put out whoever may not follow any more. A link that asks for no password now is open to all who have it."""
    if feed.followed is None or feed.followed.transcript_id is None:
        raise Refused(*NOT_FOUND)
    if ticket is None or feed.looked_at <= ticket.since:
        return
    lock = feed.followed.links.get(ticket.link_id)
    if lock is None:
        raise Refused(Close.NOT_ALLOWED, LinkWithdrawn.code, str(LinkWithdrawn().message))
    if lock not in {"", ticket.lock}:
        raise _locked()


def _locked() -> Refused:
    return Refused(Close.NOT_ALLOWED, LinkLocked.code, str(LinkLocked().message))


def _cookies(scope: Any) -> dict[str, str]:
    sent = dict(scope.get("headers", ())).get(b"cookie", b"")
    return parse_cookie(sent.decode("latin-1"))


def _open(token: str, visit: str, address: str, recording_id: object, cookies: dict[str, str]) -> tuple[int, str]:
    """The number of the link and its lock."""
    try:
        link = links.open_link(token=token, address=address)
        if not links.is_unlocked(link=link, proof=cookies.get(links.proof_name(link=link))):
            raise _locked()
    except LinkWithdrawn as error:
        raise Refused(Close.NOT_ALLOWED, error.code, str(error.message)) from None
    except LinkUnknown as error:
        raise Refused(Close.NOT_FOUND, error.code, str(error.message)) from None
    except TooManyAttempts as error:
        raise Refused(Close.NOT_ALLOWED, error.code, str(error.message)) from None
    if link.recording_id != recording_id:
        raise Refused(*NOT_FOUND)
    links.go_on_visiting(link=link, sign=visit)
    return link.pk, links.lock_of(link=link)


def _is_ping(text: str | None) -> bool:
    try:
        return json.loads(text or "") == {"type": "ping"}
    except (ValueError, RecursionError):
        return False
