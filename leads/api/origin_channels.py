"""From a page's UTM parameters and referrer to the channel (lever) that brought the visit. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit

from leads.channels import Channel

_BY_MEDIUM: Mapping[str, Channel] = {
    "cpc": Channel.PAID_SEARCH,
    "ppc": Channel.PAID_SEARCH,
    "sea": Channel.PAID_SEARCH,
    "paidsearch": Channel.PAID_SEARCH,
    "paid-search": Channel.PAID_SEARCH,
    "organic": Channel.ORGANIC_SEARCH,
    "seo": Channel.ORGANIC_SEARCH,
    "social": Channel.SOCIAL,
    "social-network": Channel.SOCIAL,
    "display": Channel.ONLINE_AD,
    "banner": Channel.ONLINE_AD,
    "cpm": Channel.ONLINE_AD,
    "retargeting": Channel.ONLINE_AD,
    "paid-social": Channel.ONLINE_AD,
    "paid_social": Channel.ONLINE_AD,
    "email": Channel.EMAILING,
    "e-mail": Channel.EMAILING,
    "emailing": Channel.EMAILING,
    "newsletter": Channel.NEWSLETTER,
    "webinar": Channel.WEBINAR,
    "video": Channel.VIDEO,
    "affiliate": Channel.PARTNER,
    "partner": Channel.PARTNER,
    "referral": Channel.REFERRAL,
    "influencer": Channel.INFLUENCER,
    "marketplace": Channel.MARKETPLACE,
    "qr": Channel.PAPER_FORM,
    "event": Channel.EVENT,
    "trade-show": Channel.TRADE_SHOW,
}
_SEARCH = ("google", "bing", "qwant", "ecosia", "duckduckgo", "yahoo", "lilo", "startpage", "baidu", "yandex")
_SOCIAL = (
    "linkedin", "lnkd", "facebook", "instagram", "twitter", "x", "t", "tiktok", "pinterest", "reddit",
    "threads", "mastodon", "bsky",
)  # fmt: skip
_VIDEO = ("youtube", "youtu", "vimeo", "dailymotion")


def channel_of(*, utm: Mapping[str, str] | None = None, referrer: str = "", page: str = "") -> str:
    """The channel code, or an empty text when nothing is known.

    utm_medium decides, then utm_source, then the referrer's host (its own site is none); a page without
    any of them was opened directly.
    """
    marks = {key: value.strip().lower() for key, value in (utm or {}).items()}
    medium = _BY_MEDIUM.get(marks.get("medium", ""))
    if medium:
        return medium.value
    named = _of_site(marks.get("source", ""))
    if named:
        return named.value
    return _of_referrer(referrer, page)


def _of_referrer(referrer: str, page: str) -> str:
    """The channel that the page before tells."""
    host, own = _host(referrer), _host(page)
    if not host:
        return Channel.DIRECT_TRAFFIC.value if own else ""
    if own and _site(host) == _site(own):
        return ""
    return (_of_site(host) or Channel.REFERRAL).value


def _of_site(name: str) -> Channel | None:
    """Search engine, social network or video site, by a part of its name: "www.google.fr" holds google."""
    parts = set(name.split("."))
    if parts & set(_SEARCH):
        return Channel.ORGANIC_SEARCH
    if parts & set(_VIDEO):
        return Channel.VIDEO
    return Channel.SOCIAL if parts & set(_SOCIAL) else None


def _host(address: str) -> str:
    """The host of an http address in lower case; an empty text for anything else."""
    try:
        parts = urlsplit(address)
        return (parts.hostname or "").lower() if parts.scheme in {"http", "https"} else ""
    except ValueError:
        return ""


def _site(host: str) -> str:
    """A host without its www."""
    return host.removeprefix("www.")
