"""Fixtures for all tests: real servers, the whole product as processes, and a real browser."""

from __future__ import annotations

import inspect
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
import pytest_asyncio
from asgiref.sync import sync_to_async
from django.conf import settings
from django.db import OperationalError, connections
from django.db.backends.postgresql.operations import DatabaseOperations
from playwright.sync_api import Browser, BrowserContext, Page
from psycopg.errors import DeadlockDetected

from config.embedded import Attachment
from config.embedded.locks import FileLock
from tests.server import Server, started_before
from tests.shared_server import SharedServer
from transcription.management.benchmarks.chromium import CHROMIUM, chromium, what_is_missing

FLUSHES = 5
SECONDS = {"server": 5.0, "browser": 5.0, "model": 10.0, "long": 40.0}
OTHERWISE = 0.3
"""What a test with one of these marks takes, roughly, and what any other one does."""


def pytest_report_header() -> str:
    return f"chromium: {CHROMIUM or 'not installed, so that tests of pages are skipped'}"


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """With several workers the files that take long come first: begun last, one would keep a worker while all others
    have nothing left to do. Before them those that can share a server, by its settings. Goes with
    ``--dist loadfile --no-loadscope-reorder``."""
    if not hasattr(config, "workerinput"):
        return
    seconds: Counter[Path] = Counter()
    settings_of: dict[Path, str] = {}
    for item in items:
        marks = (mark.name for mark in item.iter_markers())
        seconds[item.path] += max((SECONDS.get(name, OTHERWISE) for name in marks), default=OTHERWISE)
        if "shared_server" in getattr(item, "fixturenames", ()):
            settings_of[item.path] = str(item.callspec.params.get("server", "") if hasattr(item, "callspec") else "")
    items.sort(key=lambda item: (item.path not in settings_of, settings_of.get(item.path, ""), -seconds[item.path]))


@pytest.fixture(scope="session")
def services() -> Iterator[None]:
    """Postgres and Valkey, shared by all workers of pytest-xdist; not durable, so quick."""
    needed = {"postgres": settings.EMBEDDED_DATABASE, "valkey": settings.EMBEDDED_REDIS}
    if not any(needed.values()):
        yield
        return
    with Attachment(settings.DATA, durable=False, **needed):
        yield


@pytest.fixture(scope="session")
def django_db_modify_db_settings(services: None, django_db_modify_db_settings_parallel_suffix: None) -> None:
    """Tests that use the database start it; each worker of pytest-xdist gets its own."""


@pytest.fixture(autouse=True)
def _no_connection_left(request: pytest.FixtureRequest) -> None:
    """An asynchronous test leaves connections in asgiref's thread, which would keep the database from being dropped."""
    function = getattr(request.node, "function", None)
    if request.node.get_closest_marker("django_db") and inspect.iscoroutinefunction(function):
        request.getfixturevalue("_close_async_connections")


@pytest.fixture(autouse=True)
def _empty_queue(request: pytest.FixtureRequest) -> Iterator[None]:
    """Django empties its tables after a test that commits, but not the queue's, which it does not manage."""
    marker = request.node.get_closest_marker("django_db")
    commits = marker is not None and marker.kwargs.get("transaction", False)
    if commits:
        request.getfixturevalue("transactional_db")
    yield
    if commits:
        with connections["default"].cursor() as cursor:
            cursor.execute("TRUNCATE procrastinate_jobs, procrastinate_workers CASCADE")


@pytest.fixture(autouse=True, scope="session")
def _patient_flush() -> Iterator[None]:
    """A web process that lets go of a client still writes while the tables are emptied after the test: the two may wait
    for each other, and Postgres ends one of them."""
    empty = DatabaseOperations.execute_sql_flush

    def patiently(operations: DatabaseOperations, statements: list[str]) -> None:
        for _ in range(FLUSHES - 1):
            try:
                return empty(operations, statements)
            except OperationalError as error:
                if not isinstance(error.__cause__, DeadlockDetected):
                    raise
        return empty(operations, statements)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(DatabaseOperations, "execute_sql_flush", patiently)
        yield


@pytest_asyncio.fixture
async def _close_async_connections():
    yield
    await sync_to_async(connections.close_all)()


@pytest.fixture(scope="session")
def first_start() -> Path:
    """A data folder as Scripta's first start leaves it, made once for all workers of pytest-xdist."""
    first = Path(settings.DATA) / "first"
    lock = FileLock(settings.DATA, "first.lock")
    lock.acquire()
    try:
        if not first.exists():
            with Server(making := first.with_name("first.new")):
                pass
            making.rename(first)
    finally:
        lock.release()
    return first


@pytest.fixture(scope="session")
def shared_server(first_start: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SharedServer]:
    with closing(SharedServer(lambda: started_before(tmp_path_factory.mktemp("server"), first_start))) as shared:
        yield shared


@pytest.fixture(scope="module")
def server(request: pytest.FixtureRequest, shared_server: SharedServer) -> Server:
    """The whole product through ``manage.py serve``: a free port, an empty library, the scripted engine.

    Other settings by ``pytest.mark.parametrize("server", [{"SCRIPTA_ENGINE": "faster-whisper"}], indirect=True)``. It
    may have served other modules before; one that has not is to be had by ``with Server(…)``.
    """
    return shared_server.with_settings(getattr(request, "param", {}))


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Debian's Chromium. Per module, because Playwright's event loop must be gone before asynchronous tests run."""
    if missing := what_is_missing():
        pytest.skip(missing)
    with chromium() as started:
        yield started


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """A browser profile of its own for each test: no cookies, English, 1280 × 800."""
    profile = browser.new_context(locale="en-GB", viewport={"width": 1280, "height": 800})
    profile.set_default_timeout(10_000)
    yield profile
    profile.close()


@pytest.fixture
def page(context: BrowserContext) -> Iterator[Page]:
    """A tab; a script error on any page fails the test."""
    tab = context.new_page()
    errors: list[str] = []
    tab.on("pageerror", lambda error: errors.append(str(error)))
    yield tab
    assert errors == []
