"""WebSockets that reach no consumer: accepted all the same, because a browser cannot read a refused handshake."""

from __future__ import annotations

import json
from typing import Any

from django.utils.translation import gettext, gettext_noop

NOT_FOUND, TRY_AGAIN = 4404, 1013


class Farewell:
    """An ASGI application that says why it closes, in the shape that clients of its path read, and closes with
    ``close_code``."""

    def __init__(self, *, code: str, message: str, retry: bool, close_code: int) -> None:
        self.code, self.message, self.retry = code, message, retry
        self.close_code = close_code

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        await receive()  # websocket.connect
        # A browser that offered subprotocols and is given none would drop the connection before the words arrive.
        await send({"type": "websocket.accept", "subprotocol": next(iter(scope["subprotocols"]), None)})
        words = self._of_openai() if scope["path"].startswith("/v1/") else self._words()
        await send({"type": "websocket.send", "text": json.dumps(words)})
        await send({"type": "websocket.close", "code": self.close_code})

    def _words(self) -> dict[str, Any]:
        return {"type": "error", "code": self.code, "message": gettext(self.message), "retry": self.retry}

    def _of_openai(self) -> dict[str, Any]:
        kind = "server_error" if self.retry else "invalid_request_error"
        error = {"type": kind, "code": self.code, "message": self.message, "param": None, "event_id": None}
        return {"type": "error", "event_id": f"event_{self.code}", "error": error}


unknown_path = Farewell(
    code="not_found", message=gettext_noop("There is nothing here."), retry=False, close_code=NOT_FOUND
)
unavailable = Farewell(
    code="unavailable",
    message=gettext_noop("The server cannot answer now. Try again."),
    retry=True,
    close_code=TRY_AGAIN,
)
