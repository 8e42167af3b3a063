"""Which addresses may be reached, and what one that may can do to whoever asks it."""

from __future__ import annotations

import datetime
import gzip
import ipaddress
import socket
import ssl
import threading

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from tests.receiver import Receiver, drip, status
from transcription.errors import OutgoingError
from transcription.services import addresses, outgoing
from transcription.services.outgoing import Limits, Rules

LOCAL = Rules(private=["127.0.0.0/8"])
QUICK = Limits(total=5.0, connect=1.0, read=2.0)

PRIVATE = [
    "0.0.0.0",
    "0.1.2.3",
    "10.0.0.1",
    "100.64.0.1",
    "127.0.0.1",
    "127.255.255.254",
    "168.63.129.16",
    "169.254.169.254",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.1",
    "192.0.2.1",
    "192.88.99.1",
    "192.168.1.1",
    "198.18.0.1",
    "198.51.100.1",
    "203.0.113.1",
    "224.0.0.1",
    "239.255.255.255",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::7f00:1",
    "::ffff:127.0.0.1",
    "::ffff:169.254.169.254",
    "::ffff:0:127.0.0.1",
    "64:ff9b::127.0.0.1",
    "64:ff9b::a00:1",
    "64:ff9b:1::1",
    "100::1",
    "2001::1",
    "2001:0:4136:e378:8000:63bf:3fff:fdd2",
    "2001:db8::1",
    "2002:7f00:1::",
    "2002:808:808::1",
    "2a00:1450:4001:80b:0:5efe:a00:1",
    "3fff::1",
    "5f00::1",
    "fc00::1",
    "fd12:3456::1",
    "fe80::1",
    "fec0::1",
    "ff02::1",
]
PUBLIC = ["8.8.8.8", "93.184.216.34", "172.32.0.1", "2606:2800:220:1::1", "::ffff:8.8.8.8", "64:ff9b::8.8.8.8"]


@pytest.mark.parametrize("text", PRIVATE)
def test_address_that_is_not_public_is_refused(text):
    assert not addresses.is_public(ipaddress.ip_address(text))


@pytest.mark.parametrize("text", PUBLIC)
def test_public_address_is_allowed(text):
    assert addresses.is_public(ipaddress.ip_address(text))


@pytest.mark.parametrize("text", ["http://{}/", "https://{}:8443/x"])
@pytest.mark.parametrize("machine", ["127.0.0.1", "169.254.169.254", "[::1]", "[::ffff:127.0.0.1]", "localhost"])
def test_address_of_this_network_is_refused_however_it_is_asked_for(text, machine):
    with (
        pytest.raises(OutgoingError) as refused,
        outgoing.request("GET", text.format(machine), limits=QUICK, rules=Rules()),
    ):
        pytest.fail("it was reached")
    assert refused.value.code == "address_refused"


@pytest.mark.parametrize("host", ["2130706433", "0x7f.1", "0177.0.0.1", "127.1", "0"])
def test_odd_ways_to_write_this_machine_are_refused(host):
    with pytest.raises(OutgoingError) as refused:
        addresses.resolve(addresses.parse(f"http://{host}/"))
    assert refused.value.code == "address_refused"


@pytest.mark.parametrize(
    "url",
    [
        "",
        "example.org",
        "//example.org/",
        "ftp://example.org/",
        "file:///etc/passwd",
        "http://",
        "http:///path",
        "http://user@example.org/",
        "http://user:word@example.org/",
        "http://example.org/#part",
        "http://example.org/#",
        "http://example.org:22/",
        "http://example.org:0/",
        "http://example.org:99999/",
        "http://example.org:port/",
        "http://exa mple.org/",
        "http://example.org/\n",
        "http://example.org/\r\nHost: x",
        "http://example.org/\0",
        "http://example.org\\@127.0.0.1/",
        "http://[::1/",
        "http://[fe80::1%25eth0]/",
        "http://a..b/",
        "http://bücher.example/",
        "http://\ud800.example/",
        "http://example.org/" + "x" * 2000,
        "http://%31%32%37.0.0.1/",
    ],
)
def test_text_that_is_no_address_is_refused(url):
    with pytest.raises(OutgoingError) as refused:
        addresses.parse(url)
    assert refused.value.code == "address_invalid"


def test_parsed_address_says_where_to_connect_and_what_to_ask_for():
    target = addresses.parse("https://Example.org:8443/a/b?c=d")
    assert (target.host, target.port, target.path) == ("example.org", 8443, "/a/b?c=d")
    assert target.authority == "example.org:8443"
    assert addresses.parse("http://[2606:2800::1]/").authority == "[2606:2800::1]"


def test_one_private_machine_among_public_ones_is_enough_to_refuse(monkeypatch):
    resolve_to(monkeypatch, ["8.8.8.8", "10.0.0.1"])
    with pytest.raises(OutgoingError) as refused:
        addresses.resolve(addresses.parse("http://mixed.example/"))
    assert refused.value.code == "address_refused"


def resolve_to(monkeypatch, *answers: list[str]) -> list[str]:
    """Each look-up of a name gets the next answer. Returns the names that were looked up."""
    real, asked, left = socket.getaddrinfo, [], list(answers)

    def look_up(host, port, *arguments, **options):
        try:
            ipaddress.ip_address(host)
        except ValueError:
            asked.append(host)
            machines = left.pop(0) if len(left) > 1 else left[0]
            return [entry for machine in machines for entry in real(machine, port, type=socket.SOCK_STREAM)]
        return real(host, port, *arguments, **options)

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    return asked


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


def code_of(url: str, method: str = "GET", *, limits: Limits = QUICK, rules: Rules = LOCAL, most: int = 1000) -> str:
    with pytest.raises(OutgoingError) as failed, outgoing.request(method, url, limits=limits, rules=rules) as answer:
        list(answer.blocks(most=most))
    return failed.value.code


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


@pytest.mark.parametrize("location", ["http://example.org/", "http://user@example.org/", "javascript:x", "http://["])
def test_redirect_away_from_https_or_to_nothing_is_refused(location):
    with pytest.raises(OutgoingError):
        addresses.follow(addresses.parse("https://example.org/"), location)


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


def certificate(folder, name: str):
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    path = folder / f"{name}.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    return path


def serve_tls(path):
    """One that answers a single request, if the handshake gets so far. Its port, and the names it was asked for."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    names: list[str] = []
    context.sni_callback = lambda _socket, name, _context: names.append(name)
    listening = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        with listening:
            sock, _ = listening.accept()
            try:
                with context.wrap_socket(sock, server_side=True) as safe:
                    safe.recv(4096)
                    safe.sendall(b"HTTP/1.1 204 No Content\r\n\r\n")
            except OSError:
                return

    threading.Thread(target=serve, daemon=True).start()
    return listening.getsockname()[1], names


@pytest.mark.parametrize(("name", "outcome"), [("hooks.example", 204), ("other.example", "certificate_invalid")])
def test_certificate_is_checked_against_the_name(tmp_path, monkeypatch, name, outcome):
    path = certificate(tmp_path, "hooks.example")
    monkeypatch.setenv("SSL_CERT_FILE", str(path))
    resolve_to(monkeypatch, ["127.0.0.1"])
    port, names = serve_tls(path)
    url = f"https://{name}:{port}/"
    if outcome == 204:
        with outgoing.request("GET", url, limits=QUICK, rules=LOCAL) as answer:
            assert answer.status == 204
    else:
        assert code_of(url) == outcome
    assert names == [name]


def test_certificate_that_nobody_vouches_for_is_refused(tmp_path, monkeypatch):
    resolve_to(monkeypatch, ["127.0.0.1"])
    port, _ = serve_tls(certificate(tmp_path, "hooks.example"))
    assert code_of(f"https://hooks.example:{port}/") == "certificate_invalid"
