"""How people reach Valbrume: every channel, how often, and what somebody does first when coming by it."""

from __future__ import annotations

from dataclasses import dataclass

from demo.company import SITE
from leads.channels import Acquisition, Channel
from leads.choices import ContentType

PAPERS = (ContentType.WHITE_PAPER, ContentType.EBOOK)
READS = (ContentType.ARTICLE, ContentType.INFOGRAPHIC)
DIRECT = Acquisition.DIRECT


@dataclass(frozen=True, slots=True)
class Way:
    """One channel: ``weight`` in a thousand arrivals, the first act and the kind of content it concerns."""

    channel: Channel
    weight: int
    kind: str
    types: tuple[ContentType, ...] = ()
    acquisition: Acquisition = Acquisition.INDIRECT
    page: str = ""

    @property
    def landing_page(self) -> str:
        """Where they land; nowhere when a rep met them."""
        return f"{SITE}{self.page}" if self.page else ""


WAYS: tuple[Way, ...] = (
    Way(Channel.ORGANIC_SEARCH, 168, "content_downloaded", PAPERS, page="/ressources/"),
    Way(Channel.PAID_SEARCH, 88, "content_downloaded", PAPERS, page="/lp/livre-blanc/"),
    Way(Channel.SOCIAL, 74, "content_downloaded", PAPERS, page="/lp/reseaux/"),
    Way(Channel.ONLINE_AD, 42, "form_submitted", page="/lp/diagnostic/"),
    Way(Channel.MARKETPLACE, 18, "form_submitted", page="/place-de-marche/"),
    Way(Channel.CONTENT, 82, "newsletter_subscribed", READS, page="/blog/"),
    Way(Channel.VIDEO, 26, "video_watched", (ContentType.VIDEO,), page="/videos/"),
    Way(Channel.LANDING_PAGE, 36, "form_submitted", page="/lp/audit-flash/"),
    Way(Channel.NEWSLETTER, 22, "newsletter_subscribed", (ContentType.NEWSLETTER,), page="/lettre/"),
    Way(Channel.EMAILING, 34, "content_downloaded", PAPERS, page="/lp/emailing/"),
    Way(Channel.WEBINAR, 76, "webinar_registered", (ContentType.WEBINAR,), page="/webinaires/"),
    Way(Channel.WHITE_PAPER, 84, "content_downloaded", (ContentType.WHITE_PAPER,), page="/livres-blancs/"),
    Way(Channel.INFLUENCER, 10, "content_downloaded", PAPERS, page="/lp/chaine-atelier/"),
    Way(Channel.REFERRAL, 26, "form_submitted", page="/contact/"),
    Way(Channel.DIRECT_TRAFFIC, 34, "form_submitted", page="/"),
    Way(Channel.PARTNER, 24, "form_submitted", page="/partenaires/"),
    Way(Channel.TRADE_SHOW, 62, "trade_show_meeting", acquisition=DIRECT),
    Way(Channel.EVENT, 24, "event_attended", acquisition=DIRECT),
    Way(Channel.POINT_OF_SALE, 12, "shop_visit", acquisition=DIRECT),
    Way(Channel.IN_STORE_OFFER, 6, "coupon_claimed", acquisition=DIRECT),
    Way(Channel.PRIZE_DRAW, 14, "form_submitted", acquisition=DIRECT),
    Way(Channel.PHONE_CAMPAIGN, 14, "outbound_call"),
    Way(Channel.INBOUND_CALL, 16, "inbound_call"),
    Way(Channel.PAPER_FORM, 6, "form_submitted"),
    Way(Channel.PROSPECTING, 20, "outbound_call", acquisition=DIRECT),
    Way(Channel.SOCIAL_SELLING, 14, "social_message", acquisition=DIRECT),
    Way(Channel.OTHER, 8, "form_submitted"),
)
BY_CHANNEL = {way.channel: way for way in WAYS}
# By which channel somebody already known comes back.
RETURNING: tuple[tuple[Channel, int], ...] = (
    (Channel.DIRECT_TRAFFIC, 38),
    (Channel.ORGANIC_SEARCH, 22),
    (Channel.NEWSLETTER, 14),
    (Channel.EMAILING, 12),
    (Channel.SOCIAL, 8),
    (Channel.PAID_SEARCH, 3),
    (Channel.ONLINE_AD, 3),
)
# The only ways of somebody of whom just a phone number is known.
BY_PHONE = (
    Channel.TRADE_SHOW,
    Channel.INBOUND_CALL,
    Channel.PROSPECTING,
    Channel.PHONE_CAMPAIGN,
    Channel.POINT_OF_SALE,
)
