"""One normal form for text, emails, phones and company domains, as they come in.

Identity rests on these: two spellings of one address must meet, and nothing that breaks a mail header or
a page later may be stored.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

import phonenumbers
from email_validator import EmailNotValidError, validate_email

from leads.mail_domains import is_disposable, is_free_mail, registered_domain

_BREAKS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_BREAKS_BUT_LINES = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029]+")
# Bidirectional controls, zero-width characters and byte order marks: invisible, and only ever used to fool.
_INVISIBLE = re.compile("[\u200b\u200c\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff]")
# The zero-width joiner is kept only where it joins emoji.
_STRAY_JOINER = re.compile(
    "(?<![\U0001f000-\U0001faff\u2600-\u27bf\ufe0f])\u200d|\u200d(?![\U0001f000-\U0001faff\u2600-\u27bf])"
)
_SPACES = re.compile(r"\s+")

GENERIC_LOCALS = frozenset(
    """
    accueil achats admin administration bonjour bureau comptabilite compta commercial contact direction
    facturation hello help info infos info.fr jobs mail marketing newsletter noreply no-reply office
    presse press recrutement rh sales sav secretariat service-client support team webmaster
    """.split()  # noqa: SIM905  # a list of words reads best as words
)


class InvalidValue(ValueError):
    """A value that cannot be taken; ``code`` is stable, the text says what to do."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, slots=True)
class EmailAddress:
    """``key`` identifies (lower case, IDNA domain); ``display`` is as typed; ``flags`` never refuse."""

    key: str
    display: str
    domain: str
    flags: tuple[str, ...]

    @property
    def is_free_mail(self) -> bool:
        """Whether the domain belongs to a consumer mail provider."""
        return "free" in self.flags

    @property
    def is_generic(self) -> bool:
        """Whether it is a desk (info@) rather than a person."""
        return "role" in self.flags


@dataclass(frozen=True, slots=True)
class PhoneNumber:
    """``e164`` identifies and can be called: None for a number that cannot exist, and for a premium one.

    ``normal`` is the E.164 form of every number that exists; ``raw`` is always kept.
    """

    e164: str | None
    raw: str
    normal: str | None = None

    @property
    def is_valid(self) -> bool:
        """Whether it can be called without a premium."""
        return self.e164 is not None


def clean_line(value: str) -> str:
    """One line of text: NFC, no control, bidi or zero-width characters, single spaces."""
    return _SPACES.sub(" ", _visible(_BREAKS.sub(" ", value))).strip()


def clean_text(value: str) -> str:
    """Several lines of text: like clean_line, but its line ends stay (as LF)."""
    lines = _BREAKS_BUT_LINES.sub(" ", value.replace("\r\n", "\n").replace("\r", "\n"))
    return "\n".join(line.rstrip() for line in _visible(lines).split("\n")).strip()


def _visible(value: str) -> str:
    """NFC without invisible characters."""
    return unicodedata.normalize("NFC", _STRAY_JOINER.sub("", _INVISIBLE.sub("", value)))


def searchable(*values: str | None) -> str:
    """Lower case without accents, for trigram search: "Société Générale" is found by "societe gen"."""
    text = unicodedata.normalize("NFKD", " ".join(value for value in values if value).casefold())
    return _SPACES.sub(" ", "".join(c for c in text if not unicodedata.combining(c))).strip()


def normalise_email(value: str) -> EmailAddress:
    """The address in its normal form. Raises InvalidValue("email_invalid") with the reason in words.

    Syntax by RFC 5321/5322 and IDNA as email-validator has it; no DNS is asked in a request. Dots and tags
    of gmail are not merged: only suggested as duplicates later.
    """
    typed = value.strip()
    try:
        parsed = validate_email(typed.rstrip("."), check_deliverability=False, strict=True)
    except EmailNotValidError as error:
        raise InvalidValue("email_invalid", str(error)) from error
    domain = (parsed.ascii_domain or parsed.domain).lower()
    local = unicodedata.normalize("NFC", parsed.local_part).lower()
    if len(f"{local}@{domain}") > 254:
        raise InvalidValue("email_invalid", "The address is longer than 254 characters.")
    return EmailAddress(f"{local}@{domain}", typed, domain, _email_flags(local, domain))


def _email_flags(local: str, domain: str) -> tuple[str, ...]:
    """What is worth knowing of an address without refusing it."""
    flags = {
        "role": local.split("+", maxsplit=1)[0] in GENERIC_LOCALS,
        "disposable": is_disposable(domain),
        "free": is_free_mail(domain) and not is_disposable(domain),
        "international": not local.isascii() or domain.startswith("xn--") or ".xn--" in domain,
    }
    return tuple(name for name, holds in flags.items() if holds)


def company_domain(email: EmailAddress) -> str | None:
    """The registered domain that tells the company, or None for consumer and disposable mail."""
    domain = registered_domain(email.domain)
    says_nothing = {"free", "disposable"} & set(email.flags) or is_free_mail(domain) or is_disposable(domain)
    return None if says_nothing else domain


def normalise_phone(value: str, region: str = "FR") -> PhoneNumber:
    """The number in E.164, read as somebody in ``region`` would type it; premium numbers do not count."""
    raw = clean_line(unicodedata.normalize("NFKC", value))
    try:
        number = phonenumbers.parse(raw, region)
    except phonenumbers.NumberParseException:
        return PhoneNumber(None, raw)
    if not phonenumbers.is_valid_number(number):
        return PhoneNumber(None, raw)
    normal = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    premium = phonenumbers.number_type(number) == phonenumbers.PhoneNumberType.PREMIUM_RATE
    return PhoneNumber(None if premium else normal, raw, normal)
