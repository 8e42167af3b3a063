from __future__ import annotations

import logging
import sys

import pytest
import structlog

SECRET = "s3cr3t-of-the-link"


@pytest.fixture
def formatter() -> logging.Formatter:
    [handler] = [handler for handler in logging.getLogger().handlers if handler.name == "console"]
    assert handler.formatter is not None
    return handler.formatter


@pytest.mark.parametrize(
    "start", ["/accounts/first-run/", "/accounts/invitation/", "/accounts/reset/MQ/", "/watch/", "/shared/"]
)
def test_line_with_the_path_of_a_secret_link_hides_the_secret(formatter: logging.Formatter, start: str) -> None:
    path = f"{start}{SECRET}/"
    for message, arguments in [("Not Found: %s", (path,)), ('"GET %s?next=/ HTTP/1.1" 404', (path,))]:
        record = logging.LogRecord("django.request", logging.WARNING, __file__, 1, message, arguments, None)
        line = formatter.format(record)
        assert SECRET not in line
        assert "[secret]" in line


def test_line_with_the_query_of_a_watcher_hides_the_token_alone(formatter: logging.Formatter) -> None:
    for query in (f"?after=3&token={SECRET}", f"?token={SECRET}&after=3"):
        message = f"WebSocket CONNECT /ws/recordings/1/watch/{query} [127.0.0.1]"
        line = formatter.format(logging.LogRecord("daphne", logging.INFO, __file__, 1, message, (), None))
        assert f"/ws/recordings/1/watch/{query.replace(SECRET, '[secret]')} [127.0.0.1]" in line


def test_line_of_structlog_with_a_secret_link_hides_the_secret(
    formatter: logging.Formatter, caplog: pytest.LogCaptureFixture
) -> None:
    structlog.get_logger("tests").warning("request_finished", request=f"GET /accounts/first-run/{SECRET}/", code=404)
    [record] = caplog.records
    line = formatter.format(record)
    assert SECRET not in line
    assert "GET /accounts/first-run/[secret]" in line


def test_traceback_hides_local_variables(formatter: logging.Formatter) -> None:
    def sign_in(password: str) -> None:
        raise ValueError("no")

    try:
        sign_in("".join(["correct ", "horse"]))
    except ValueError:
        failure = sys.exc_info()
    line = formatter.format(logging.LogRecord("tests", logging.ERROR, __file__, 1, "failed", (), failure))
    assert "ValueError: no" in line
    assert "correct horse" not in line


def test_line_with_an_api_key_hides_it(formatter: logging.Formatter) -> None:
    message = "subprotocol scripta.key.scr_" + "x-_" * 14 + " refused"
    line = formatter.format(logging.LogRecord("somewhere", logging.INFO, __file__, 1, message, (), None))
    assert "subprotocol scripta.key.scr_[secret] refused" in line
