"""The way to the server: encrypted with a checked certificate, or not at all."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from aiosmtpd.smtp import AuthResult
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from hypothesis import given, settings
from hypothesis import strategies as st

from nurturing.actions.send import send_due
from nurturing.models import Message, SendingDomain, State
from nurturing.retry import Phase
from nurturing.smtp import SmtpTransport
from nurturing.transport import SmtpFailure
from tests.nurturing.conftest import Script, serve


@pytest.fixture
def certificate(tmp_path: Path) -> tuple[Path, Path]:
    """A certificate for 127.0.0.1 that nobody trusts by itself, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "test")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    chain, secret = tmp_path / "chain.pem", tmp_path / "key.pem"
    chain.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    secret.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    return chain, secret


@pytest.fixture
def tls_server(certificate: tuple[Path, Path]) -> Iterator[Script]:
    """A server that wants STARTTLS, then a user and a password."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)

    def authenticate(_server: object, _session: object, _envelope: object, _mechanism: object, data: object):
        return AuthResult(success=getattr(data, "password", b"") == b"secret")

    with serve(Script(), tls_context=context, require_starttls=True, authenticator=authenticate) as script:
        yield script


def phase_of(transport: SmtpTransport) -> Phase:
    with pytest.raises(SmtpFailure) as failed, transport.session():
        pass
    return failed.value.failure.phase


def test_f54_a_certificate_that_is_not_trusted_is_a_tls_failure(tls_server: Script) -> None:
    assert phase_of(tls_server.transport(security="starttls", user="u", password="secret")) is Phase.TLS
    assert tls_server.accepted == []


def test_a_trusted_certificate_and_a_good_password_get_in(
    tls_server: Script, certificate: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate[0]))
    with tls_server.transport(security="starttls", user="u", password="secret").session() as session:
        session.envelope("a@exemple.fr", "b@exemple.fr")
        session.transmit(b"Subject: x\r\n\r\nbonjour\r\n")
    assert tls_server.recipients == ["b@exemple.fr"]


def test_f54_a_wrong_password_is_an_auth_failure(
    tls_server: Script, certificate: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate[0]))
    assert phase_of(tls_server.transport(security="starttls", user="u", password="wrong")) is Phase.AUTH


def test_f54_a_server_without_starttls_gets_no_message(server: Script) -> None:
    assert phase_of(server.transport(security="starttls")) is Phase.TLS


def test_f54_tls_failures_open_the_breaker_and_blame_no_lead(
    tls_server: Script, make_message: Callable[..., Message], now: datetime
) -> None:
    message = make_message()
    summary = send_due(now=now, transport=tls_server.transport(security="starttls"))
    assert summary.waits_until == now + timedelta(minutes=1)
    message.refresh_from_db()
    assert (message.state, message.attempts) == (State.PLANNED, 0)
    assert SendingDomain.objects.get().why.startswith("tls")


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        (
            "smtp://anna%40exemple.fr:p%2Fw@mail.exemple.fr:587",
            ("mail.exemple.fr", 587, "anna@exemple.fr", "p/w", "starttls"),
        ),
        ("smtp://mail.exemple.fr", ("mail.exemple.fr", 587, "", "", "starttls")),
        ("smtp+ssl://mail.exemple.fr", ("mail.exemple.fr", 465, "", "", "tls")),
        ("smtp+plain://127.0.0.1:1025", ("127.0.0.1", 1025, "", "", "plain")),
    ],
)
def test_the_address_says_how(url: str, expected: tuple[object, ...]) -> None:
    made = SmtpTransport.from_url(url)
    assert (made.host, made.port, made.user, made.password, made.security) == expected


@pytest.mark.parametrize(
    "url", ["", "http://mail.exemple.fr", "smtp://", "consolemail://", "smtp+plain://u:p@host"]
)
def test_another_address_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="EMAIL_URL"):
        SmtpTransport.from_url(url)


lines = st.lists(st.text("ab. \t", max_size=12), max_size=8)


@settings(max_examples=40, deadline=None)
@given(lines, st.sampled_from(["\n", "\r\n", "\r"]))
def test_what_arrives_is_what_was_sent_dots_included(lines: list[str], end: str) -> None:
    message = (end.join(["Subject: x", "", *lines]) + end).encode()
    with _SERVER_FOR_DOTS.transport().session() as session:
        session.envelope("a@exemple.fr", "b@exemple.fr")
        session.transmit(message)
    assert _SERVER_FOR_DOTS.accepted.pop()[1].splitlines() == message.splitlines()


_SERVER_FOR_DOTS = Script()


@pytest.fixture(autouse=True, scope="module")
def _server_for_dots() -> Iterator[None]:
    """One server for all of hypothesis's examples."""
    with serve(_SERVER_FOR_DOTS):
        yield
