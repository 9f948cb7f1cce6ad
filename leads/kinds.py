"""The kinds of event that ship with Écluse; a site adds its own (ids from 200)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Band = Literal["tofu", "mofu", "bofu", ""]
FIRST_CUSTOM_KIND_ID = 200


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of event.

    ``points`` is what a rule set made from scratch would start from. An *intent* is an act that asks for
    sales (contact, quote, demo, meeting, call). ``is_internal`` kinds are written by Écluse and refused
    from outside. ``is_activity`` says that the person did it, which keeps their data from growing old.
    """

    id: int
    code: str
    label: str | Promise
    band: Band = ""
    points: int = 0
    is_intent: bool = False
    is_internal: bool = False
    is_activity: bool = True


SHIPPED = (
    Kind(1, "page_viewed", _("Page viewed"), "tofu", 1),
    Kind(2, "pricing_viewed", _("Pricing viewed"), "mofu", 10),
    Kind(3, "return_visit", _("Return visit"), "tofu", 3),
    Kind(4, "time_on_site", _("Time on site"), "tofu", 2),
    Kind(5, "form_submitted", _("Form submitted"), "tofu", 5),
    Kind(6, "content_downloaded", _("Content downloaded"), "tofu", 10),
    Kind(7, "video_watched", _("Video watched"), "tofu", 5),
    Kind(8, "comment_posted", _("Comment posted"), "tofu", 3),
    Kind(9, "newsletter_subscribed", _("Newsletter subscribed"), "tofu", 5),
    Kind(10, "webinar_registered", _("Webinar registered"), "mofu", 8),
    Kind(11, "webinar_attended", _("Webinar attended"), "mofu", 15),
    Kind(12, "event_registered", _("Event registered"), "mofu", 8),
    Kind(13, "event_attended", _("Event attended"), "mofu", 15),
    Kind(14, "trade_show_meeting", _("Trade-show meeting"), "mofu", 15),
    Kind(15, "shop_visit", _("Shop visit"), "mofu", 10),
    Kind(16, "coupon_claimed", _("Coupon claimed"), "mofu", 8),
    Kind(17, "inbound_call", _("Inbound call"), "bofu", 25, is_intent=True),
    Kind(18, "outbound_call", _("Outbound call"), is_activity=False),
    Kind(19, "social_message", _("Social message"), "mofu", 5),
    Kind(20, "social_interaction", _("Social interaction"), "tofu", 2),
    Kind(21, "quote_requested", _("Quote requested"), "bofu", 40, is_intent=True),
    Kind(22, "demo_requested", _("Demo requested"), "bofu", 40, is_intent=True),
    Kind(23, "trial_started", _("Trial started"), "bofu", 30),
    Kind(24, "contact_requested", _("Contact requested"), "bofu", 40, is_intent=True),
    Kind(25, "meeting_booked", _("Meeting booked"), "bofu", 40, is_intent=True),
    Kind(26, "meeting_held", _("Meeting held"), "bofu", 20),
    Kind(27, "meeting_missed", _("Meeting missed"), "", -10),
    Kind(28, "email_sent", _("Email sent"), is_internal=True, is_activity=False),
    Kind(29, "email_delivered", _("Email delivered"), is_activity=False),
    Kind(30, "email_opened", _("Email loaded"), is_activity=False),
    Kind(31, "email_clicked", _("Email clicked"), "tofu", 3),
    Kind(32, "email_replied", _("Email replied"), "mofu", 15),
    Kind(33, "email_bounced", _("Email bounced"), is_activity=False),
    Kind(34, "email_complained", _("Marked as spam"), "", -50),
    Kind(35, "unsubscribed", _("Unsubscribed"), "", -20, is_internal=True),
    Kind(36, "consent_given", _("Consent given"), is_internal=True),
    Kind(37, "consent_withdrawn", _("Consent withdrawn"), is_internal=True),
    Kind(38, "ad_clicked", _("Ad clicked"), "tofu", 2),
    Kind(39, "referral_made", _("Referral made"), "mofu", 10),
    Kind(40, "chat", _("Chat"), "mofu", 8),
    Kind(41, "profile_changed", _("Profile changed"), is_internal=True, is_activity=False),
    Kind(42, "list_joined", _("List joined"), is_internal=True, is_activity=False),
    Kind(43, "list_left", _("List left"), is_internal=True, is_activity=False),
    Kind(44, "purchase", _("Purchase"), "bofu", 0),
    Kind(45, "social_message_sent", _("Message sent on a social network"), is_activity=False),
    Kind(46, "social_replied", _("Reply on a social network"), "mofu", 10),
    Kind(60, "ready", _("Ready for sales"), is_internal=True, is_activity=False),
    Kind(61, "offered", _("Offered to sales"), is_internal=True, is_activity=False),
    Kind(62, "accepted", _("Accepted by sales"), is_internal=True, is_activity=False),
    Kind(63, "returned", _("Returned to marketing"), is_internal=True, is_activity=False),
    Kind(64, "disqualified", _("Disqualified"), is_internal=True, is_activity=False),
    Kind(65, "qualified", _("Qualified by sales"), is_internal=True, is_activity=False),
    Kind(66, "won", _("Won"), is_internal=True, is_activity=False),
    Kind(67, "lost", _("Lost"), is_internal=True, is_activity=False),
    Kind(68, "referred", _("Referred to a partner"), is_internal=True, is_activity=False),
    Kind(69, "reopened", _("Reopened"), is_internal=True, is_activity=False),
    Kind(70, "merged", _("Merged"), is_internal=True, is_activity=False),
    Kind(71, "score_adjusted", _("Score adjusted"), is_internal=True, is_activity=False),
    Kind(72, "became_mql", _("Became MQL"), is_internal=True, is_activity=False),
    Kind(73, "cooled_down", _("Cooled down"), is_internal=True, is_activity=False),
    Kind(74, "woken", _("Woken up"), is_internal=True, is_activity=False),
    Kind(75, "offer_refused", _("Offer passed on"), is_internal=True, is_activity=False),
    Kind(76, "decision_undone", _("Decision undone"), is_internal=True, is_activity=False),
    Kind(77, "offer_expired", _("Offer not decided in time"), is_internal=True, is_activity=False),
    Kind(78, "offer_withdrawn", _("Offer withdrawn"), is_internal=True, is_activity=False),
)
BY_CODE = {kind.code: kind for kind in SHIPPED}
BY_ID = {kind.id: kind for kind in SHIPPED}
INTENT_CODES = frozenset(kind.code for kind in SHIPPED if kind.is_intent)
# What opens a lead's gates again after sales returned it, before its wake date ("strong event").
STRONG_CODES = INTENT_CODES | {"trial_started", "purchase"}
