"""Answers of the server itself, to requests that never reach the application."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from http import HTTPStatus


@dataclass(frozen=True, slots=True)
class Refusal:
    status: HTTPStatus
    code: str
    message: str
    retry_after: int | None = None
    """Seconds."""

    def as_http(self, path: bytes, *, head: bool = False) -> bytes:
        """The whole answer, its body in the shape that clients of ``path`` expect."""
        media_type, body = self._body(path)
        lines = [
            f"HTTP/1.1 {self.status.value} {self.status.phrase}",
            f"Content-Type: {media_type}",
            f"Content-Length: {len(body)}",
            "Cache-Control: no-store",
            "Connection: close",
            *([f"Retry-After: {self.retry_after}"] if self.retry_after is not None else []),
        ]
        return "\r\n".join([*lines, "", ""]).encode() + (b"" if head else body)

    def _body(self, path: bytes) -> tuple[str, bytes]:
        if path.startswith(b"/api/"):  # problem details, RFC 9457
            problem = {"type": "about:blank", "title": self.status.phrase, "status": self.status.value}
            problem |= {"detail": self.message, "code": self.code}
            return "application/problem+json", json.dumps(problem).encode()
        if path.startswith(b"/v1/"):  # the shape of OpenAI's API
            kind = "server_error" if self.status >= 500 else "invalid_request_error"
            error = {"message": self.message, "type": kind, "param": None, "code": self.code}
            return "application/json", json.dumps({"error": error}).encode()
        return "text/plain; charset=utf-8", f"{self.message}\n".encode()


TOO_LARGE = Refusal(
    status=HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    code="request_too_large",
    message="This request is larger than the server accepts in one piece.",
)
TOO_LARGE_FILE = replace(
    TOO_LARGE,
    message="A file this large is sent in pieces, by /api/v1/uploads/ (tus); in one piece it may have 26 MiB.",
)
BUSY = Refusal(
    status=HTTPStatus.SERVICE_UNAVAILABLE,
    code="server_busy",
    message="The server is receiving too much at once. Try again in a moment.",
    retry_after=2,
)
TOO_SLOW = Refusal(
    status=HTTPStatus.REQUEST_TIMEOUT,
    code="too_slow",
    message="The request took too long to arrive.",
)


def too_large(path: bytes) -> Refusal:
    """In words for whoever asked for ``path``."""
    return TOO_LARGE_FILE if path.startswith(b"/api/v1/recordings/") else TOO_LARGE
