"""What the cells of each kind of column say: dates, choices, countries, answers, as people write them.

Every reader takes a cleaned, non-empty cell and gives the value to keep. Raises InvalidValue with a text that
says what to do.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping
from decimal import Decimal
from functools import cache
from zoneinfo import ZoneInfo

from babel import Locale
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import override

from leads.choices import Headcount
from leads.company_names import checked_siren
from leads.custom_fields import Definition, FieldType, read_value
from leads.mail_domains import is_free_mail
from leads.normalise import InvalidValue, clean_line, searchable

# A day without an hour: noon, so that every time zone nearby agrees on the day and the month.
NOON = dt.time(12)
_EARLIEST = 1990
MOST_WORDS = 30
_DATE = Definition("date", FieldType.DATE)
_MONEY = Definition("amount", FieldType.MONEY)
_CLOCK = re.compile(r"(.{8,10})[ T](\d{1,2}:\d{2}(?::\d{2})?(?:\.\d+)?)\s*(Z|[+-]\d{2}:?\d{2})?")
_MONTH = re.compile(r"(\d{4})[-/.](\d{1,2})|(\d{1,2})[-/.](\d{4})")
_DOMAIN = re.compile(r"(?!-)[a-z0-9-]{1,63}(\.[a-z0-9-]{1,63})+", re.ASCII)
_MONTHS = {
    name: number
    for names in (
        "janvier fevrier mars avril mai juin juillet aout septembre octobre novembre decembre",
        "january february march april may june july august september october november december",
    )
    for number, name in enumerate(names.split(), start=1)
}
_YES = frozenset(
    [
        "1",
        "true",
        "yes",
        "y",
        "on",
        "oui",
        "o",
        "vrai",
        "x",
        "ok",
        "opt-in",
        "optin",
        "opted-in",
        "inscrit",
        "abonne",
        "subscribed",
        "accepte",
        "granted",
    ]
)
_NO = frozenset(
    [
        "0",
        "false",
        "no",
        "n",
        "off",
        "non",
        "faux",
        "opt-out",
        "optout",
        "opted-out",
        "desinscrit",
        "desabonne",
        "unsubscribed",
        "refuse",
        "denied",
    ]
)
_ALSO: Mapping[str, Mapping[str, str]] = {
    "audience": {
        "particulier": "b2c", "consumer": "b2c", "individual": "b2c", "b to c": "b2c", "btoc": "b2c",
        "professionnel": "b2b", "pro": "b2b", "entreprise": "b2b", "business": "b2b", "b to b": "b2b",
        "btob": "b2b",
    },
    "seniority": {"c-level": "executive", "dirigeant": "executive", "directeur": "director"},
    "company_role": {"decideur": "decision_maker", "decision maker": "decision_maker", "acheteur": "buyer"},
}  # fmt: skip
_SIZES = (
    (10, Headcount.FROM_1),
    (50, Headcount.FROM_10),
    (250, Headcount.FROM_50),
    (5000, Headcount.FROM_250),
)


def moment(raw: str, *, language: str, zone: ZoneInfo, now: dt.datetime) -> dt.datetime:
    """When something happened; noon where only the day is told. Neither before 1990 nor in the future."""
    found = _CLOCK.fullmatch(raw)
    day = dt.date.fromisoformat(str(read_value(_DATE, found[1] if found else raw, language=language)))
    at = dt.datetime.combine(day, _clock(found[2]) if found else NOON, tzinfo=_offset(found, zone))
    if day.year < _EARLIEST or day > (now + dt.timedelta(days=1)).date():
        raise InvalidValue(
            "date_impossible", _("This date lies before %(year)s or in the future.") % {"year": _EARLIEST}
        )
    return min(at, now)


def _clock(text: str) -> dt.time:
    try:
        return dt.time.fromisoformat(text.zfill(5) if text.count(":") == 1 else text.zfill(8))
    except ValueError:
        raise InvalidValue("not_a_date", _("Write a date, such as 2026-03-12 or 12/03/2026.")) from None


def _offset(found: re.Match[str] | None, zone: ZoneInfo) -> dt.tzinfo:
    if found is None or not found[3]:
        return zone
    if found[3] == "Z":
        return dt.UTC
    digits = found[3].replace(":", "")
    minutes = int(digits[1:3]) * 60 + int(digits[3:5])
    if minutes >= 24 * 60:
        raise InvalidValue("not_a_date", _("Write a date, such as 2026-03-12 or 12/03/2026."))
    return dt.timezone(dt.timedelta(minutes=-minutes if digits[0] == "-" else minutes))


def month(raw: str, *, language: str) -> dt.date:
    """The first day of a month: "2026-06", "06/2026", "juin 2026", or any date in it."""
    if found := _MONTH.fullmatch(raw):
        year, number = (found[1], found[2]) if found[1] else (found[4], found[3])
        return _first_day(int(year), int(number))
    words = searchable(raw).split()
    if len(words) == 2 and words[0] in _MONTHS and words[1].isascii() and words[1].isdigit():
        return _first_day(int(words[1]), _MONTHS[words[0]])
    return dt.date.fromisoformat(str(read_value(_DATE, raw, language=language))).replace(day=1)


def _first_day(year: int, number: int) -> dt.date:
    if not (1 <= number <= 12 and 1900 <= year <= 2200):
        raise InvalidValue("not_a_month", _("Write a month, such as 2026-06 or 06/2026."))
    return dt.date(year, number, 1)


def amount(raw: str, *, language: str) -> Decimal:
    """An amount in euros, "1 234,56 €" included; not negative, as the tables hold it."""
    value = Decimal(str(read_value(_MONEY, raw, language=language)))
    if value < 0 or value >= 10**10:
        raise InvalidValue("amount_impossible", _("Write an amount from 0 to 9,999,999,999."))
    return round(value, 2)


def answer(raw: str) -> bool:
    """Yes or no, in both languages and as mail tools export it."""
    word = searchable(raw)
    if word in _YES:
        return True
    if word in _NO:
        return False
    raise InvalidValue("not_a_boolean", _("Answer yes or no."))


def words(raw: str) -> list[str]:
    """Several words in one cell, each once."""
    found = dict.fromkeys(clean_line(part)[:60] for part in re.split(r"[,;|]", raw))
    return [word for word in found if word][:MOST_WORDS]


def domain(raw: str) -> str:
    """The bare domain of a web address; never one of a mail provider."""
    bare = re.sub(r"^[a-z]+://", "", raw.strip().lower()).partition("/")[0].partition(":")[0]
    bare = bare.removeprefix("www.").rstrip(".")
    try:
        bare = bare.encode("idna").decode() if not bare.isascii() else bare
    except UnicodeError:
        bare = ""
    if len(bare) > 253 or not _DOMAIN.fullmatch(bare) or is_free_mail(bare):
        raise InvalidValue("domain_invalid", _("Give the bare domain, such as acier-dupont.fr."))
    return bare


def siren(raw: str) -> str:
    """The nine digits of a SIREN, or the first nine of a SIRET."""
    try:
        return checked_siren(raw)
    except InvalidValue:
        raise InvalidValue(
            "siren_invalid", _("A SIREN has nine digits, the last of which is a check digit.")
        ) from None


def linkedin(raw: str) -> dict[str, str]:
    """A LinkedIn address, among the social profiles."""
    address = raw if raw.lower().startswith(("http://", "https://")) else f"https://{raw}"
    host = address.split("/", 3)[2].lower()
    if host != "linkedin.com" and not host.endswith(".linkedin.com"):
        raise InvalidValue("link_invalid", _("Give an address at linkedin.com."))
    return {"linkedin": address}


@cache
def _countries() -> Mapping[str, str]:
    return _named("territories", lambda code: len(code) == 2 and code.isalpha() and code != "ZZ")


@cache
def _languages() -> Mapping[str, str]:
    return _named("languages", lambda code: len(code) == 2)


def _named(what: str, wanted: object) -> dict[str, str]:
    """Codes by their name in both languages, and by themselves."""
    found: dict[str, str] = {}
    for locale in ("en", "fr"):
        for code, name in getattr(Locale(locale), what).items():
            if wanted(code):  # type: ignore[operator]
                found[searchable(name)] = found[code.lower()] = code
    return found


def country(raw: str) -> str:
    """ISO 3166 code of a country given by code or by name."""
    return _code(_countries(), raw, _("Write a country by its name or two-letter code, such as FR."))


def language_code(raw: str) -> str:
    """ISO 639 code of a language given by code or by name; a region after it is left out."""
    return _code(_languages(), raw.partition("-")[0].partition("_")[0], _("Write a language, such as fr."))


def _code(codes: Mapping[str, str], raw: str, text: str) -> str:
    found = codes.get(searchable(raw))
    if found is None:
        raise InvalidValue("invalid_choice", text)
    return found


def vocabulary(field: str, choices: Iterable[tuple[str, str | Promise]]) -> dict[str, str]:
    """Codes by every way to write them: code, French and English label, common words."""
    found = {searchable(word): code for word, code in _ALSO.get(field, {}).items()}
    for code, label in choices:
        found[searchable(code)] = code
        for name in ("fr", "en"):
            with override(name):
                found[searchable(str(label))] = code
    return found


def choice(field: str, codes: Mapping[str, str], raw: str) -> str:
    """One of a closed vocabulary; a number of people is a size of company."""
    found = codes.get(searchable(raw))
    if found is None and field == "headcount":
        found = _size(raw)
    if found is None:
        raise InvalidValue("invalid_choice", _("This is none of the known values."))
    return found


def _size(raw: str) -> str | None:
    digits = re.sub(r"[\s\u00a0\u202f']", "", raw)
    if not (digits.isascii() and digits.isdigit() and len(digits) < 9) or int(digits) == 0:
        return None
    return next((str(size) for limit, size in _SIZES if int(digits) < limit), str(Headcount.OVER_5000))
