"""A small ASGI application behind the real server, as a process: ``python -m tests.config.small_app PORT [--hurried]``.

It shows what a test cannot see from outside: how much of an endless answer was taken, and that its generator ended.
"""

import asyncio
import hashlib
import json
import sys

from config import logs, websocket
from config.server import serve

PIECE = bytes(64 * 1024)
awake = asyncio.Event()
progress = {"streamed": 0, "ended": 0, "received": 0, "sent": 0, "hung_up": 0}


async def application(scope, receive, send):
    if scope["type"] == "websocket":
        await SOCKETS.get(scope["path"], echo)(receive, send)
        return
    handler = HANDLERS.get(scope["path"], digest)
    await handler(receive, send)


async def accept(receive, send):
    await receive()
    await send({"type": "websocket.accept"})


async def echo(receive, send):
    """Answers each message; after the end it takes a moment to save, and says so, as those who speak live do."""
    await accept(receive, send)
    while (message := await receive())["type"] == "websocket.receive":
        progress["received"] += 1
        await send({"type": "websocket.send", "bytes": message.get("bytes"), "text": message.get("text")})
    await asyncio.sleep(0.3)
    await send({"type": "websocket.send", "text": f"saved after {message['code']}"})


async def deaf(receive, send):
    """Takes no message until it is told to, by /wake."""
    await accept(receive, send)
    await awake.wait()
    while (await receive())["type"] == "websocket.receive":
        progress["received"] += 1


async def talker(receive, send):
    """Sends without end."""
    await accept(receive, send)
    while True:
        await send({"type": "websocket.send", "bytes": PIECE})
        progress["sent"] += len(PIECE)


async def closer(receive, send):
    await accept(receive, send)
    await send({"type": "websocket.close", "code": 4401})


async def crasher(receive, send):
    await accept(receive, send)
    raise RuntimeError("on purpose")


async def teller(receive, send):
    """Has more to say at once than it would listen to."""
    await accept(receive, send)
    await send({"type": "websocket.send", "text": "a" * 2**20})
    await receive()


async def waiter(receive, send):
    """Waits for the end."""
    await accept(receive, send)
    await receive()
    progress["hung_up"] += 1


async def leaver(receive, send):
    """Forgets to close."""
    await accept(receive, send)


SOCKETS = {
    "/deaf": deaf,
    "/talker": talker,
    "/closer": closer,
    "/crasher": crasher,
    "/leaver": leaver,
    "/teller": teller,
    "/waiter": waiter,
}


async def wake(receive, send):
    awake.set()
    await answer(send, b"1")


async def sleep(receive, send):
    awake.clear()
    await answer(send, b"1")


async def answer(send, body: bytes) -> None:
    headers = [(b"Content-Type", b"application/json"), (b"Content-Length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    for start in range(0, len(body), 64 * 1024):
        more = start + 64 * 1024 < len(body)
        await send({"type": "http.response.body", "body": body[start : start + 64 * 1024], "more_body": more})


async def digest(receive, send):
    body, more = b"", True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            return
        body += message["body"]
        more = message["more_body"]
    await answer(send, json.dumps([len(body), hashlib.sha256(body).hexdigest()]).encode())


async def stream(receive, send):
    """Without end; stopped by the client's hang-up, as Django does it."""
    await receive()
    sender = asyncio.create_task(pieces(send))
    await receive()
    sender.cancel()


async def pieces(send):
    progress["streamed"] = 0
    await send({"type": "http.response.start", "status": 200, "headers": []})
    try:
        while True:
            await send({"type": "http.response.body", "body": PIECE, "more_body": True})
            progress["streamed"] += len(PIECE)
    finally:
        progress["ended"] += 1


async def half(receive, send):
    await receive()
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": PIECE, "more_body": True})
    raise RuntimeError("on purpose")


async def slow(receive, send):
    await asyncio.sleep(1)
    await answer(send, b'"done"')


async def show_progress(receive, send):
    await answer(send, json.dumps(progress).encode())


HANDLERS = {"/stream": stream, "/half": half, "/slow": slow, "/progress": show_progress, "/wake": wake, "/sleep": sleep}

if __name__ == "__main__":
    logs.configure(level="INFO")
    if "--hurried" in sys.argv:  # time-outs that a test can wait for
        websocket.PING_SECONDS = websocket.PONG_SECONDS = 1
        websocket.STALLED_SECONDS = websocket.CLOSING_SECONDS = 2
    sys.exit(serve(application, host="127.0.0.1", port=int(sys.argv[1])))
