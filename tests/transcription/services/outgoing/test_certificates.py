"""Whom Scripta takes a server for."""

from __future__ import annotations

import datetime
import socket
import ssl
import threading

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from tests.transcription.services.outgoing.asking import LOCAL, QUICK, code_of, resolve_to
from transcription.services import outgoing


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
