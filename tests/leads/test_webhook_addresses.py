"""Which addresses a webhook may call (bar: inputs B56)."""

from __future__ import annotations

import socket
from collections.abc import Callable

import pytest

from leads.webhooks.outgoing import Blocked, check_url, is_public, post, resolve

PRIVATE = [
    "127.0.0.1",
    "10.1.2.3",
    "172.16.0.1",
    "192.168.1.1",
    "169.254.169.254",
    "100.64.0.1",
    "0.0.0.0",
    "255.255.255.255",
    "224.0.0.1",
    "::1",
    "::",
    "fe80::1%eth0",
    "fc00::1",
    "::ffff:127.0.0.1",
    "::ffff:a9fe:a9fe",
    "64:ff9b::7f00:1",
    "2002:7f00:1::",
    "not an address",
]


@pytest.mark.parametrize("address", PRIVATE)
def test_b56_an_address_of_a_private_network_is_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize(
    "address", ["93.184.216.34", "2606:2800:220:1:248:1893:25c8:1946", "64:ff9b::5db8:d822"]
)
def test_an_address_of_the_open_internet_is_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd",
        "gopher://example.com/",
        "ftp://example.com/",
        "//example.com/x",
        "example.com",
        "http://",
        "https://user:pass@example.com/",
        "https://good@evil.example/",
        "http://example.com:6379/",
        "https://example.com:22/",
        "https://example.com:99999/",
        "http://exa mple.com/",
        "http://example.com/\r\nX-Evil: 1",
        "http://[::1",
    ],
)
def test_b56_addresses_that_are_no_plain_web_addresses_are_refused(url: str) -> None:
    with pytest.raises(Blocked) as blocked:
        check_url(url)
    assert str(blocked.value)


@pytest.mark.parametrize(
    "url",
    ["http://127.0.0.1/", "http://2130706433/", "http://0x7f.1/", "http://017700000001/", "http://[::1]/"],
)
def test_b56_every_spelling_of_the_own_machine_is_refused(url: str) -> None:
    with pytest.raises(Blocked):
        resolve(url)


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Says which addresses a name has; the resolver is foreign ground."""

    def answer(*addresses: str) -> None:
        def lookup(host: str, port: int, **_: object) -> list[tuple[object, ...]]:
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in addresses]

        monkeypatch.setattr(socket, "getaddrinfo", lookup)

    return answer


def test_b56_one_private_address_among_public_ones_is_enough_to_refuse(names: Callable[..., None]) -> None:
    names("93.184.216.34", "10.0.0.1")
    with pytest.raises(Blocked):
        resolve("https://crm.example/hook")


def test_b56_the_connection_goes_to_the_address_that_was_checked(names: Callable[..., None]) -> None:
    names("93.184.216.34")
    target = resolve("https://crm.example/hook?a=1")
    names("127.0.0.1")
    assert (target.address, target.host, target.port, target.path) == (
        "93.184.216.34",
        "crm.example",
        443,
        "/hook?a=1",
    )


def test_an_operator_may_allow_names_of_the_own_network(names: Callable[..., None]) -> None:
    names("10.0.0.5")
    assert resolve("http://crm.internal:8080/x", private_hosts={"crm.internal:8080"}).port == 8080
    with pytest.raises(Blocked):
        resolve("http://crm.internal:6379/x", private_hosts={"crm.internal:8080"})


def test_what_cannot_be_called_is_an_answer_and_no_crash() -> None:
    answer = post("http://127.0.0.1/", body="{}", headers={})
    assert answer.status is None
    assert answer.error
