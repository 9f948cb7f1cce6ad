"""One normal form for what tells a company: its name and its SIREN."""

from __future__ import annotations

import re
import unicodedata
from typing import NamedTuple

from leads.normalise import InvalidValue, searchable

# Legal forms say nothing of which company it is: French ones, and those of neighbours.
LEGAL_FORMS = frozenset(
    """
    ag asbl bv bvba cie co company corp earl ei eirl eurl gaec gie gmbh holding inc kg limited llc ltd nv plc
    sa sarl sas sasu sc sca sci scic scop scp scs selarl selas sl snc spa spl sprl srl ste societe
    """.split()  # noqa: SIM905  # a list of words reads best as words
)
# "l'Été" and "d'Armor" are the words Été and Armor; "&" and "et" are the same word.
_ELISION = re.compile(r"\b[ldnsjmtc]['’ʼ]|\bqu['’ʼ]")
_DOTTED = re.compile(r"\b(?:\w\.){2,}\w?\b|\b(?:\w\.){2,}")
_NOT_WORD = re.compile(r"[^\w]+")
_ARTICLES = frozenset({"la", "le", "les", "the", "et", "and"})


def company_name_key(name: str) -> str:
    """How others would write the name: "S.A.R.L. l'Été" and "ETE (Sarl)" → "ete"; at most 200 characters.

    Without accents, case, punctuation, legal forms and articles. A name made of nothing else keeps its
    words. The name itself is stored as it was given.
    """
    text = searchable(unicodedata.normalize("NFKC", name))
    text = _DOTTED.sub(lambda match: match.group().replace(".", "") + " ", text)
    words = [word for word in _NOT_WORD.split(_ELISION.sub("", text).replace("_", " ")) if word]
    telling = [word for word in words if word not in LEGAL_FORMS and word not in _ARTICLES]
    return " ".join(telling or words)[:200].strip()


class CompanyKey(NamedTuple):
    """By what a company is recognised, the surest first; what is not known is None or empty."""

    domain: str | None = None
    siren: str = ""
    name: str = ""


def spelling(name: str) -> str:
    """What two names of one company have in common: their key, or the name itself where it has none."""
    return company_name_key(name) or name


def checked_siren(value: str) -> str:
    """Nine digits whose Luhn sum is right; a SIRET (14 digits) or a French VAT number tells it as well.

    Raises InvalidValue("siren_invalid"). INSEE: the last digit is the key, by Luhn's formula.
    """
    digits = re.sub(r"[\s.\u00a0\u202f-]", "", value).upper()
    vat = re.fullmatch(r"FR[0-9A-Z]{2}(\d{9})", digits)
    siren = vat.group(1) if vat else digits[:9] if re.fullmatch(r"\d{14}", digits) else digits
    if not re.fullmatch(r"[0-9]{9}", siren) or not _luhn(siren):
        raise InvalidValue("siren_invalid", "A SIREN has nine digits, the last of which is a check digit.")
    return siren


def _luhn(digits: str) -> bool:
    """Whether the digits carry a right check digit."""
    doubled = [int(digit) * 2 if place % 2 else int(digit) for place, digit in enumerate(reversed(digits))]
    return sum(one - 9 if one > 9 else one for one in doubled) % 10 == 0
