"""SMTP: encrypted with a checked certificate unless the address says plain, every answer named.

Spelled out in commands rather than ``sendmail`` because the moment between the envelope and the message,
and the moment after the message before its answer, decide whether a message may ever be sent again.
"""

from __future__ import annotations

import re
import smtplib
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from django.conf import settings

from nurturing.retry import Failure, Phase
from nurturing.transport import SmtpFailure

_BARE_LINE_END = re.compile(rb"\r\n|\r|\n")
_LEADING_DOT = re.compile(rb"(?m)^\.")
_CLOSING = 421


@dataclass(frozen=True, slots=True)
class SmtpTransport:
    """Where and how. ``security`` is "starttls", "tls" or "plain"; times in seconds."""

    host: str
    port: int
    user: str = ""
    password: str = ""
    security: str = "starttls"
    connect_within: float = 10.0
    answer_within: float = 20.0
    name: str = "localhost"

    @classmethod
    def from_url(cls, url: str) -> SmtpTransport:
        """smtp://user:password@host:587 (STARTTLS), smtp+ssl:// or smtp+plain://. Raises ValueError."""
        parts = urlsplit(url)
        schemes = {"smtp": "starttls", "smtp+tls": "starttls", "smtp+ssl": "tls", "smtp+plain": "plain"}
        if parts.scheme not in schemes or not parts.hostname:
            raise ValueError("EMAIL_URL begins with smtp://, smtp+ssl:// or smtp+plain:// and names a host.")
        security = schemes[parts.scheme]
        if security == "plain" and parts.username:
            raise ValueError("EMAIL_URL with a password needs encryption: smtp:// or smtp+ssl://.")
        port = parts.port or {"starttls": 587, "tls": 465, "plain": 25}[security]
        user, password = unquote(parts.username or ""), unquote(parts.password or "")
        name = urlsplit(settings.SITE_URL).hostname or "localhost"
        return cls(parts.hostname, port, user, password, security, name=name)

    @contextmanager
    def session(self) -> Iterator[SmtpSession]:
        """A connection that is greeted, encrypted and logged in."""
        client = self._connect()
        try:
            self._secure(client)
            self._log_in(client)
            client.timeout = self.answer_within
            if client.sock is not None:
                client.sock.settimeout(self.answer_within)
            yield SmtpSession(client)
        finally:
            with suppress(smtplib.SMTPException, OSError):
                client.quit()
            client.close()

    def _connect(self) -> smtplib.SMTP:
        try:
            if self.security == "tls":
                return smtplib.SMTP_SSL(
                    self.host,
                    self.port,
                    local_hostname=self.name,
                    timeout=self.connect_within,
                    context=ssl.create_default_context(),
                )
            return smtplib.SMTP(self.host, self.port, local_hostname=self.name, timeout=self.connect_within)
        except ssl.SSLError as error:
            raise SmtpFailure(Failure(Phase.TLS, None, str(error))) from error
        except (smtplib.SMTPException, OSError) as error:
            raise SmtpFailure(_failure(Phase.CONNECT, error)) from error

    def _secure(self, client: smtplib.SMTP) -> None:
        try:
            client.ehlo_or_helo_if_needed()
            if self.security == "starttls":
                client.starttls(context=ssl.create_default_context())
                client.ehlo()
        except (smtplib.SMTPException, OSError, ValueError) as error:
            raise SmtpFailure(_failure(Phase.TLS, error)) from error

    def _log_in(self, client: smtplib.SMTP) -> None:
        if not self.user:
            return
        try:
            client.login(self.user, self.password)
        except (smtplib.SMTPException, OSError) as error:
            raise SmtpFailure(_failure(Phase.AUTH, error)) from error


class SmtpSession:
    """One open connection."""

    def __init__(self, client: smtplib.SMTP) -> None:
        self._client = client
        self._is_usable = True

    @property
    def is_usable(self) -> bool:
        """False once the line broke or the server said that it closes it."""
        return self._is_usable

    def envelope(self, sender: str, recipient: str) -> None:
        """MAIL FROM and RCPT TO."""
        self._ask(Phase.MAIL, lambda: self._client.mail(sender))
        try:
            self._ask(Phase.RCPT, lambda: self._client.rcpt(recipient))
        except SmtpFailure:
            self.reset()
            raise

    def transmit(self, message: bytes) -> str:
        """DATA, the message, the final dot. What fails before the message is DATA's, afterwards BODY's."""
        self._ask(Phase.DATA, lambda: self._client.docmd("data"), good=354)
        return self._ask(Phase.BODY, lambda: self._hand_over(message))

    def _hand_over(self, message: bytes) -> tuple[int, bytes]:
        lines = _LEADING_DOT.sub(b"..", _BARE_LINE_END.sub(b"\r\n", message))
        self._client.send((lines if lines.endswith(b"\r\n") else lines + b"\r\n") + b".\r\n")
        return self._client.getreply()

    def reset(self) -> None:
        """RSET, when the line still stands."""
        if self._is_usable:
            with suppress(SmtpFailure):
                self._ask(Phase.MAIL, self._client.rset)

    def _ask(self, phase: Phase, command: Callable[[], tuple[int, bytes]], good: int = 250) -> str:
        try:
            code, text = command()
        except (smtplib.SMTPException, OSError) as error:
            self._is_usable = False
            raise SmtpFailure(Failure(phase, None, str(error))) from error
        answer = bytes(text).decode("utf-8", "replace")
        if code != good and not (good == 250 and code == 251):
            self._is_usable = self._is_usable and code != _CLOSING
            raise SmtpFailure(Failure(phase, code, answer))
        return answer


def _failure(phase: Phase, error: Exception) -> Failure:
    if isinstance(error, smtplib.SMTPResponseException):
        text = error.smtp_error
        return Failure(
            phase, error.smtp_code, text.decode("utf-8", "replace") if isinstance(text, bytes) else text
        )
    return Failure(phase, None, str(error) or type(error).__name__)
