"""WebSockets that reach no consumer: accepted all the same, because a browser cannot read a refused handshake."""

from __future__ import annotations

import json
from typing import Any

NOT_FOUND, TRY_AGAIN = 4404, 1013


class Farewell:
    """An ASGI application that says why it closes, in the shape that clients of its path read, and closes with
    ``close_code``."""

    def __init__(self, *, code: str, message: str, retry: bool, close_code: int) -> None:
        self.text = json.dumps({"type": "error", "code": code, "message": message, "retry": retry})
        kind = "server_error" if retry else "invalid_request_error"
        error = {"type": kind, "code": code, "message": message, "param": None, "event_id": None}
        self.openai_text = json.dumps({"type": "error", "event_id": f"event_{code}", "error": error})
        self.close_code = close_code

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        await receive()  # websocket.connect
        # A browser that offered subprotocols and is given none would drop the connection before the words arrive.
        await send({"type": "websocket.accept", "subprotocol": next(iter(scope["subprotocols"]), None)})
        text = self.openai_text if scope["path"].startswith("/v1/") else self.text
        await send({"type": "websocket.send", "text": text})
        await send({"type": "websocket.close", "code": self.close_code})


unknown_path = Farewell(code="not_found", message="There is nothing here.", retry=False, close_code=NOT_FOUND)
unavailable = Farewell(
    code="unavailable", message="The server cannot answer now. Try again.", retry=True, close_code=TRY_AGAIN
)
