"""What a server that may be reached can do to whoever asks it."""

from __future__ import annotations

import gzip
import socket

import pytest

from tests.receiver import Receiver, drip, status
from tests.transcription.services.outgoing.asking import LOCAL, QUICK, code_of, resolve_to
from transcription.services import outgoing
from transcription.services.outgoing import Limits, Rules


def test_connection_goes_to_the_machine_that_was_checked(monkeypatch):
    """A name that leads elsewhere at its second look-up: there is no second one."""
    with Receiver() as good, Receiver(host="127.0.0.2") as evil:
        asked = resolve_to(monkeypatch, ["127.0.0.1"], ["127.0.0.2"])
        url = f"http://rebinding.example:{good.port}/hook"
        with outgoing.request("POST", url, limits=QUICK, rules=Rules(private=["127.0.0.1/32"]), body=b"{}") as answer:
            assert answer.status == 204
        assert asked == ["rebinding.example"]
        assert [message.headers["host"] for message in good.received] == [f"rebinding.example:{good.port}"]
        assert evil.received == []


def test_proxies_of_the_environment_are_not_asked(monkeypatch):
    with Receiver() as receiver, Receiver() as proxy:
        for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
        with outgoing.request("GET", receiver.url, limits=QUICK, rules=LOCAL) as answer:
            assert answer.status == 204
        assert (len(receiver.received), proxy.received) == (1, [])


def test_redirect_to_a_private_address_is_refused():
    with Receiver(host="127.0.0.2") as inside, Receiver(status(302, Location=inside.url)) as outside:
        assert code_of(outside.url, rules=Rules(private=["127.0.0.1/32"])) == "address_refused"
        assert inside.received == []


def test_redirects_are_followed_to_their_end_and_not_for_ever():
    with (
        Receiver(status(200, b"here")) as there,
        Receiver(status(302, Location=there.url)) as first,
        outgoing.request("GET", first.url, limits=QUICK, rules=LOCAL) as answer,
    ):
        assert (answer.url, b"".join(answer.blocks(most=10))) == (there.url, b"here")
    with Receiver(status(302, Location="/again")) as endless:
        assert code_of(endless.url) == "redirect_refused"
        assert len(endless.received) == outgoing.MOST_REDIRECTS + 1


@pytest.mark.parametrize(("code", "outcome"), [(302, "redirect_refused"), (303, "redirect_refused")])
def test_post_is_not_made_a_get(code, outcome):
    with Receiver() as there, Receiver(status(code, Location=there.url)) as first:
        assert code_of(first.url, "POST") == outcome
        assert there.received == []


def test_post_stays_a_post_where_the_redirect_says_so():
    with Receiver() as there, Receiver(status(307, Location=there.url)) as first:
        with outgoing.request("POST", first.url, limits=QUICK, rules=LOCAL, body=b"{}") as answer:
            assert answer.status == 204
        assert [(message.method, message.body) for message in there.received] == [("POST", b"{}")]


def test_answer_larger_than_allowed_is_cut_off():
    with Receiver(status(200, b"x" * 2000)) as told:
        assert code_of(told.url, most=1000) == "too_large"
    with Receiver(lambda handler: handler.wfile.write(b"HTTP/1.0 200 OK\r\n\r\n" + b"x" * 2000)) as untold:
        assert code_of(untold.url, most=1000) == "too_large"


def chunked(*pieces: bytes, end: bytes = b"0\r\n\r\n"):
    body = b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces) + end
    return lambda handler: handler.wfile.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + body)


def test_answer_in_chunks_is_read_to_its_end():
    with (
        Receiver(chunked(b"ab", b"c" * 500)) as server,
        outgoing.request("GET", server.url, limits=QUICK, rules=LOCAL) as answer,
    ):
        assert b"".join(answer.blocks(most=1000)) == b"ab" + b"c" * 500


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (chunked(b"ab", end=b""), "answer_invalid"),
        (chunked(b"ab", end=b"zz\r\n"), "answer_invalid"),
        (chunked(b"ab", end=b"5\r\nab"), "answer_invalid"),
        (chunked(b"a" * 600, b"b" * 600), "too_large"),
    ],
)
def test_answer_in_chunks_that_is_cut_off_or_too_large(answer, code):
    with Receiver(answer) as server:
        assert code_of(server.url) == code


def test_packed_answer_is_refused():
    packed = gzip.compress(bytes(10**6))
    with Receiver(status(200, packed, Content_Encoding="gzip")) as bomb:
        assert code_of(bomb.url, most=10**7) == "answer_invalid"
        assert bomb.received[0].headers["accept-encoding"] == "identity"


@pytest.mark.parametrize("beginning", [b"", b"X-", b"Content-Length: 900\r\n\r\n", b"\r\n"])
def test_answer_that_drips_is_cut_off(beginning):
    """Each read is quick; all of them together are not. With no length told, being cut off looks like the end."""
    with Receiver(drip(0.05, beginning, times=400)) as slow:
        limits = Limits(total=0.6, connect=1.0, read=5.0)
        assert code_of(slow.url, limits=limits, most=10**6) == "timed_out"


def test_silent_server_is_not_waited_for():
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/"
        assert code_of(url, limits=Limits(total=5.0, read=0.2)) == "timed_out"


def test_nobody_at_the_address():
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        assert code_of(f"http://127.0.0.1:{closed.getsockname()[1]}/") == "connection_failed"


@pytest.mark.parametrize("said", [b"what?\r\n\r\n", b"", b"HTTP/1.1 999999 OK\r\n\r\n"])
def test_answer_that_is_not_http(said):
    with Receiver(lambda handler: handler.wfile.write(said)) as odd:
        assert code_of(odd.url) == "answer_invalid"


def test_nothing_that_a_server_says_is_logged(caplog):
    said = b"HTTP/1.1 200 OK\r\nsecret words\r\n: more of them\r\n\r\nbody"
    with (
        caplog.at_level("WARNING"),
        Receiver(lambda handler: handler.wfile.write(said)) as odd,
        outgoing.request("GET", odd.url, limits=QUICK, rules=LOCAL) as answer,
    ):
        assert answer.status == 200
    assert caplog.text == ""


def test_body_that_ends_early_is_an_error():
    with Receiver(status(200, b"half", Content_Length="8")) as liar:
        assert code_of(liar.url) == "answer_invalid"


def test_unknown_name():
    assert code_of("http://nowhere.invalid/") == "name_unknown"
