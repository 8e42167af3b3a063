"""Which addresses may be reached."""

from __future__ import annotations

import ipaddress

import pytest

from tests.transcription.services.outgoing.asking import QUICK, resolve_to
from transcription.errors import OutgoingError
from transcription.services import addresses, outgoing
from transcription.services.outgoing import Rules

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


@pytest.mark.parametrize("location", ["http://example.org/", "http://user@example.org/", "javascript:x", "http://["])
def test_redirect_away_from_https_or_to_nothing_is_refused(location):
    with pytest.raises(OutgoingError):
        addresses.follow(addresses.parse("https://example.org/"), location)
