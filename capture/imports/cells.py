"""Cells as they come in, a million times: the usual ones on a short way, with the result of the long one.

Each function here equals one of ``leads.normalise`` (tests prove it), and is several times quicker for plain
values: most cells of most files are short words, addresses of known domains and French numbers.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from leads.normalise import (
    GENERIC_LOCALS,
    EmailAddress,
    InvalidValue,
    PhoneNumber,
    clean_line,
    company_domain,
    normalise_email,
    normalise_phone,
    searchable,
)

# Visible ASCII and the precomposed Latin letters, single spaces: nothing in it is ever changed.
_PLAIN = re.compile(r"[!-~À-ɏ]+(?: [!-~À-ɏ]+)*")
_PLAIN_EMAIL = re.compile(r"([A-Za-z0-9_+-]+(?:\.[A-Za-z0-9_+-]+)*)@([A-Za-z0-9.-]+)", re.ASCII)
# A French number as people write it; what is written otherwise takes the long way.
_FRENCH = re.compile(r"(?:\+33|0033|0)[ .-]?([1-9](?:[ .-]?[0-9]){8})", re.ASCII)
_SEPARATORS = str.maketrans("", "", " .-")
# French ranges are given out by at most five leading digits (ARCEP's plan, as libphonenumber has it).
_RANGE = 5
_LONGEST_LOCAL = 64
_LONGEST_SHORT_EMAIL = 200
MOST_REMEMBERED = 100_000


def plain_line(raw: str) -> str:
    """``clean_line`` of a cell."""
    return raw if _PLAIN.fullmatch(raw) else clean_line(raw)


@dataclass(slots=True)
class Memory:
    """What one reading of a file has met: domains, ranges of numbers, names as they are searched.

    Forgets everything when it grows large, so that a file of a million names does not fill the memory.
    """

    domains: dict[str, EmailAddress | None] = field(default_factory=dict)
    ranges: dict[str, PhoneNumber] = field(default_factory=dict)
    companies: dict[str, str | None] = field(default_factory=dict)
    words: dict[str, str] = field(default_factory=dict)

    def email(self, raw: str) -> EmailAddress:
        """``normalise_email`` of a cell. Raises InvalidValue."""
        typed = raw.strip()
        found = _PLAIN_EMAIL.fullmatch(typed)
        if found is None or len(typed) > _LONGEST_SHORT_EMAIL or found.end(1) > _LONGEST_LOCAL:
            return normalise_email(raw)
        local, domain = found.groups()
        known = self._domain(domain)
        if known is None:
            return normalise_email(raw)
        local = local.lower()
        flags = known.flags
        if local.split("+", 1)[0] in GENERIC_LOCALS:
            flags = ("role", *flags)
        return EmailAddress(f"{local}@{known.domain}", typed, known.domain, flags)

    def _domain(self, domain: str) -> EmailAddress | None:
        """An address of nobody at this domain; None where the long way is to say what is wrong."""
        if domain not in self.domains:
            if len(self.domains) >= MOST_REMEMBERED:
                self.domains.clear()
            try:
                self.domains[domain] = normalise_email(f"x@{domain}")
            except InvalidValue:
                self.domains[domain] = None
        return self.domains[domain]

    def phone(self, raw: str, region: str) -> PhoneNumber:
        """``normalise_phone`` of a cell."""
        found = _FRENCH.fullmatch(raw) if region == "FR" else None
        if found is None:
            return normalise_phone(raw, region)
        digits = found[1].translate(_SEPARATORS)
        known = self.ranges.get(digits[:_RANGE])
        if known is None:
            known = self.ranges[digits[:_RANGE]] = normalise_phone(f"+33{digits}", region)
        number = f"+33{digits}"
        return PhoneNumber(number if known.e164 else None, raw, number if known.normal else None)

    def company_domain(self, email: EmailAddress) -> str | None:
        """``company_domain`` of an address."""
        if email.domain not in self.companies:
            if len(self.companies) >= MOST_REMEMBERED:
                self.companies.clear()
            self.companies[email.domain] = company_domain(email)
        return self.companies[email.domain]

    def searched(self, *values: str | None) -> str:
        """``searchable`` of some words."""
        return " ".join([self._searched(value) for value in values if value])

    def _searched(self, value: str) -> str:
        if value.isascii() and _PLAIN.fullmatch(value):
            return value.lower()
        known = self.words.get(value)
        if known is None:
            if len(self.words) >= MOST_REMEMBERED:
                self.words.clear()
            known = self.words[value] = searchable(value)
        return known
