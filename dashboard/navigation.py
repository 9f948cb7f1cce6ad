"""The navigation of every page: which places this user may go to, and where they are now."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

from django.conf import settings
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise, SimpleLazyObject
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.pages import PageRequest, may


@dataclass(frozen=True)
class Place:
    """A page of the navigation. ``key`` is the second key of the sequence "g …"."""

    label: str | Promise
    url_name: str
    icon: str
    key: str
    permission: str


@dataclass(frozen=True)
class Item:
    """A place as drawn: with its address, and whether the reader is there."""

    label: str | Promise
    url: str
    icon: str
    key: str
    current: bool


@dataclass(frozen=True)
class Group:
    """Places under one heading."""

    label: str | Promise
    items: list[Item]


@dataclass(frozen=True)
class Navigation:
    """What templates/base.html draws."""

    groups: list[Group]
    search_url: str
    demo: bool

    @property
    def all(self) -> list[Item]:
        """Every place, in order."""
        return [item for group in self.groups for item in group.items]

    @property
    def phone(self) -> list[Item]:
        """The four that fit under a thumb."""
        return self.all[:4]

    @property
    def more(self) -> list[Item]:
        """Those behind "More" on a phone."""
        return self.all[4:]


PLACES: list[tuple[str | Promise, list[Place]]] = [
    (
        "",
        [
            Place(
                pgettext_lazy("navigation", "Dashboard"),
                "dashboard:home",
                "layout-dashboard",
                "d",
                "dashboard.view_reports",
            ),
            Place(_("Inbox"), "funnel:inbox", "inbox", "i", "funnel.decide_offers"),
            Place(_("Today"), "funnel:today", "list-check", "t", "funnel.decide_offers"),
            Place(_("My leads"), "funnel:my_leads", "target", "m", "funnel.decide_offers"),
            Place(_("Board"), "funnel:board", "layout-kanban", "b", "funnel.view_board"),
            Place(_("Leads"), "dashboard:leads", "users", "l", "leads.view_leads"),
            Place(_("Companies"), "dashboard:companies", "building", "y", "leads.view_leads"),
        ],
    ),
    (
        _("Capture"),
        [
            Place(_("Forms"), "capture:forms", "forms", "o", "capture.view_capture"),
            Place(_("Contents"), "capture:content", "book", "c", "capture.view_capture"),
            Place(_("Imports"), "capture:imports", "file-import", "e", "capture.import_leads"),
            Place(_("Sources"), "capture:sources", "route", "r", "capture.view_capture"),
            Place(_("Tracker"), "capture:tracker", "radar", "k", "capture.view_capture"),
            Place(_("Quick entry"), "capture:quick_entry", "address-book", "q", "capture.quick_entry"),
            Place(_("Duplicates"), "dashboard:duplicates", "copy", "u", "leads.merge_leads"),
        ],
    ),
    (
        _("Understand"),
        [
            Place(_("Team"), "funnel:team", "users-group", "j", "funnel.manage_sales"),
            Place(_("Funnel"), "dashboard:funnel", "filter", "f", "dashboard.view_reports"),
            Place(_("Capacity"), "funnel:capacity", "lock", "2", "dashboard.view_reports"),
            Place(_("Messages"), "dashboard:messages", "mail", "n", "nurturing.view_messages"),
            Place(_("Scoring"), "scoring:overview", "math-function", "s", "scoring.view_rules"),
        ],
    ),
    (
        _("Settings"),
        [
            Place(_("Alerts"), "dashboard:alerts", "bell", "a", "scoring.manage_alerts"),
            Place(_("Voided events"), "dashboard:voidings", "ban", "v", "scoring.void_events"),
            Place(_("Personal data"), "dashboard:requests", "shield-check", "p", "leads.handle_requests"),
            Place(_("Stages"), "funnel:stages", "stairs", "4", "funnel.view_settings"),
            Place(_("Reasons"), "funnel:reasons", "message-question", "5", "funnel.view_settings"),
            Place(_("Checklist"), "funnel:checklist_settings", "checklist", "h", "funnel.manage_sales"),
            Place(_("Partners"), "funnel:partners", "heart-handshake", "z", "funnel.manage_sales"),
            Place(_("Desks"), "funnel:desks", "armchair", "1", "funnel.manage_sales"),
            Place(_("Mailbox"), "funnel:mailbox", "mail-opened", "3", "funnel.decide_offers"),
            Place(_("Fields"), "leads:custom_fields", "list-details", "x", "leads.edit_fields"),
            Place(_("Webhooks"), "leads:webhooks", "bolt", "w", "leads.manage_webhooks"),
        ],
    ),
]


def navigation(request: HttpRequest) -> dict[str, object]:
    """The context processor: ``nav`` for people who are signed in, made only when a template asks."""
    if not getattr(request, "user", None) or not request.user.is_authenticated:
        return {}
    return {"nav": SimpleLazyObject(lambda: navigation_for(cast("PageRequest", request)))}


def navigation_for(request: PageRequest) -> Navigation:
    """The places ``request.user`` may go to."""
    groups = [Group(label, _items(places, request)) for label, places in PLACES]
    return Navigation(
        [group for group in groups if group.items], _address("dashboard:palette"), settings.DEMO
    )


def _items(places: list[Place], request: PageRequest) -> list[Item]:
    allowed = [place for place in places if may(request.user, place.permission)]
    addresses = [(place, _address(place.url_name)) for place in allowed]
    return [
        Item(place.label, url, place.icon, place.key, _is_here(url, request.path))
        for place, url in addresses
        if url
    ]


def _is_here(url: str, path: str) -> bool:
    return path == url if url == "/" else path.startswith(url)


def _address(name: str) -> str:
    """The address of a named page; "" while the page does not exist."""
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""
