"""From the marks of a visit (UTM, referrer, landing page, click ids) to the channel that brought it. Pure.

A marketer edits the rules: ordered rows, the first that holds decides. What no rule decides, the end of
the table does: another site's link is a referral, a mark nobody knows is "other", a page opened without any
mark is direct traffic, and a link within the own site says nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import parse_qs, urlsplit

FIELDS = ("utm_source", "utm_medium", "utm_campaign", "utm_content", "utm_term", "referrer", "page", "mark")
OPERATORS = ("is", "contains", "starts", "site")
UTM = ("source", "medium", "campaign", "term", "content")
MARKS = (
    "gclid", "gbraid", "wbraid", "msclkid", "dclid", "fbclid", "li_fat_id", "ttclid", "twclid", "epik",
)  # fmt: skip
MOST_CONDITIONS, MOST_VALUES, LONGEST_VALUE = 4, 40, 120
REFERRAL, DIRECT, OTHER = "referral", "direct_traffic", "other"


@dataclass(frozen=True, slots=True)
class Marks:
    """What a visit says of where it came from; all in lower case, but for ``page`` and ``utm`` as sent.

    ``referrer`` is the host of the page before, ``page`` the landing page without its query, ``clicks`` the
    click ids its query had.
    """

    utm: Mapping[str, str] = field(default_factory=dict)
    referrer: str = ""
    page: str = ""
    clicks: tuple[str, ...] = ()

    @property
    def is_internal(self) -> bool:
        """Whether the page before was the same site's and nothing else tells of a source."""
        own = host_of(self.page)
        return bool(self.referrer and own) and _bare(self.referrer) == _bare(own) and not self.has_campaign

    @property
    def has_campaign(self) -> bool:
        """Whether the address itself tells of a source."""
        return any(self.utm.values()) or bool(self.clicks)

    @property
    def says_something(self) -> bool:
        """Whether there is another site or a campaign behind the visit."""
        return self.has_campaign or bool(self.referrer and not self.is_internal)

    def values(self, name: str) -> tuple[str, ...]:
        """The texts that a condition on this field looks at."""
        if name == "mark":
            return self.clicks
        if name == "referrer":
            return (self.referrer,)
        if name == "page":
            return (path_of(self.page).lower(),)
        return (self.utm.get(name.removeprefix("utm_"), "").strip().lower(),)


@dataclass(frozen=True, slots=True)
class Condition:
    """One field, one way of looking at it, any of several values.

    ``site`` is for hosts and names of sites: "google" is any part of the name, "live.com" the domain and
    what is below it. Without values the field must say something, whatever it is.
    """

    field: str
    operator: str
    values: tuple[str, ...] = ()

    def holds(self, marks: Marks) -> bool:
        """Whether the visit's marks meet it."""
        said = [text for text in marks.values(self.field) if text]
        return any(not self.values or any(self._meets(text, value) for value in self.values) for text in said)

    def _meets(self, text: str, value: str) -> bool:
        if self.operator == "contains":
            return value in text
        if self.operator == "starts":
            return text.startswith(value)
        if self.operator == "site":
            return (text == value or text.endswith(f".{value}")) if "." in value else value in text.split(".")
        return text == value


@dataclass(frozen=True, slots=True)
class Rule:
    """If all conditions hold: this channel, and perhaps this campaign (its id)."""

    conditions: tuple[Condition, ...]
    channel: str
    campaign: int | None = None
    id: int | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """The channel ("" when nothing is known), the campaign, and the rule that decided (None: the end)."""

    channel: str
    campaign: int | None = None
    rule: int | None = None


def channel_for(marks: Marks, rules: Sequence[Rule], campaigns: Mapping[str, int] | None = None) -> Found:
    """The channel of a visit. ``campaigns`` are known codes: utm_campaign names one when no rule does."""
    if marks.is_internal:
        return Found("")
    named = (campaigns or {}).get(marks.utm.get("campaign", "").strip().lower())
    for rule in rules:
        if all(condition.holds(marks) for condition in rule.conditions):
            return Found(rule.channel, rule.campaign or named, rule.id)
    return Found(_at_the_end(marks), named)


def _at_the_end(marks: Marks) -> str:
    """What no rule decides."""
    own = host_of(marks.page)
    if marks.referrer and _bare(marks.referrer) != _bare(own):
        return REFERRAL
    if marks.has_campaign:
        return OTHER
    return DIRECT if own else ""


def marks_of(
    *, utm: Mapping[str, str] | None = None, referrer: str = "", page: str = "", clicks: Iterable[str] = ()
) -> Marks:
    """The marks of a visit, from addresses as browsers report them; nothing malformed raises.

    ``clicks`` are names of click ids that the page's query had, where the address comes without it.
    """
    told = {name: value.strip() for name, value in (utm or {}).items() if name in UTM and value.strip()}
    address, query = _split(page)
    told_clicks = frozenset(clicks)
    return Marks(
        utm=told or _utm_of(query),
        referrer=host_of(referrer),
        page=address,
        clicks=tuple(name for name in MARKS if name in query or name in told_clicks),
    )


def host_of(address: str) -> str:
    """The host of an http address in lower case; an empty text for anything else."""
    try:
        parts = urlsplit(address)
        return (parts.hostname or "").lower() if parts.scheme in {"http", "https"} else ""
    except ValueError:
        return ""


def path_of(address: str) -> str:
    """The path of an http address; an empty text for anything else."""
    try:
        return urlsplit(address).path
    except ValueError:
        return ""


def _split(address: str) -> tuple[str, dict[str, list[str]]]:
    """An address without query and fragment, and its query."""
    bare, _, query = address.partition("#")[0].partition("?")
    if not query:
        return bare, {}
    try:
        return bare, parse_qs(query, max_num_fields=100)
    except ValueError:
        return bare, {}


def _utm_of(query: Mapping[str, list[str]]) -> dict[str, str]:
    return {name: query[f"utm_{name}"][0].strip()[:200] for name in UTM if f"utm_{name}" in query}


def _bare(host: str) -> str:
    """A host without its www."""
    return host.removeprefix("www.")


# As stored and typed --------------------------------------------------------------------------------------


class BadCondition(ValueError):
    """A condition that cannot be; the first argument is a stable code."""


def read_conditions(raw: object) -> tuple[Condition, ...]:
    """Conditions from JSON or a form. Raises BadCondition."""
    if not isinstance(raw, list) or not 1 <= len(raw) <= MOST_CONDITIONS:
        raise BadCondition("number_of_conditions")
    return tuple(_condition(one) for one in raw)


def _condition(raw: object) -> Condition:
    if not isinstance(raw, dict) or raw.get("field") not in FIELDS or raw.get("operator") not in OPERATORS:
        raise BadCondition("unknown_condition")
    values = raw.get("values", [])
    if not isinstance(values, list) or len(values) > MOST_VALUES:
        raise BadCondition("number_of_values")
    told = [value.strip().lower() for value in values if isinstance(value, str) and value.strip()]
    if len(told) != len(values) or any(len(value) > LONGEST_VALUE for value in told):
        raise BadCondition("value")
    return Condition(raw["field"], raw["operator"], tuple(dict.fromkeys(told)))


def as_json(conditions: Iterable[Condition]) -> list[dict[str, object]]:
    """Conditions as they are stored."""
    return [{"field": one.field, "operator": one.operator, "values": list(one.values)} for one in conditions]


# What ships -----------------------------------------------------------------------------------------------


def _when(name: str, operator: str, values: str, channel: str) -> Rule:
    return Rule((Condition(name, operator, tuple(values.split())),), channel)


_ENGINES = "google bing qwant ecosia duckduckgo yahoo lilo startpage baidu yandex"
_NETWORKS = (
    "linkedin lnkd facebook instagram twitter x t tiktok pinterest reddit threads mastodon bsky whatsapp"
)
_VIDEOS = "youtube youtu vimeo dailymotion"
_WEBMAILS = (
    "mail.google.com outlook.live.com outlook.office.com outlook.office365.com mail.yahoo.com "
    "webmail.free.fr mail.orange.fr messagerie.orange.fr webmail.sfr.fr mail.proton.me webmail.laposte.net"
)
_ASSISTANTS = (
    "chatgpt.com chat.openai.com perplexity.ai claude.ai gemini.google.com copilot.microsoft.com "
    "chat.mistral.ai you.com"
)
SHIPPED: tuple[Rule, ...] = (
    _when("utm_medium", "is", "cpc ppc sea paidsearch paid-search paid_search", "paid_search"),
    _when("utm_medium", "is", "organic seo", "organic_search"),
    _when(
        "utm_medium", "is", "display banner cpm retargeting paid-social paid_social paidsocial", "online_ad"
    ),
    _when("utm_medium", "is", "social social-network social-media", "social"),
    _when("utm_medium", "is", "email e-mail emailing", "emailing"),
    _when("utm_medium", "is", "newsletter", "newsletter"),
    _when("utm_medium", "is", "webinar", "webinar"),
    _when("utm_medium", "is", "video", "video"),
    _when("utm_medium", "is", "affiliate partner", "partner"),
    _when("utm_medium", "is", "referral", "referral"),
    _when("utm_medium", "is", "influencer", "influencer"),
    _when("utm_medium", "is", "marketplace", "marketplace"),
    _when("utm_medium", "is", "qr", "paper_form"),
    _when("utm_medium", "is", "event", "event"),
    _when("utm_medium", "is", "trade-show salon", "trade_show"),
    _when("mark", "is", "gclid gbraid wbraid msclkid", "paid_search"),
    _when("mark", "is", "dclid li_fat_id ttclid twclid", "online_ad"),
    _when("utm_source", "site", _ASSISTANTS, "organic_search"),
    _when("utm_source", "site", _ENGINES, "organic_search"),
    _when("utm_source", "site", _VIDEOS, "video"),
    _when("utm_source", "site", _NETWORKS, "social"),
    _when("referrer", "site", _WEBMAILS, "emailing"),
    _when("referrer", "site", _ASSISTANTS, "organic_search"),
    _when("referrer", "site", _ENGINES, "organic_search"),
    _when("referrer", "site", _VIDEOS, "video"),
    _when("referrer", "site", _NETWORKS, "social"),
    _when("mark", "is", "fbclid epik", "social"),
)
