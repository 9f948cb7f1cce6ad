"""The channels (levers) a lead may come by, as the marketers name them."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Acquisition(models.TextChoices):
    """Direct: a rep met the person. Indirect: everything else."""

    DIRECT = "direct", _("Direct")
    INDIRECT = "indirect", _("Indirect")


class Channel(models.TextChoices):
    """A lever of lead generation; each is either online or offline."""

    ORGANIC_SEARCH = "organic_search", _("Organic search")
    PAID_SEARCH = "paid_search", _("Paid search")
    SOCIAL = "social", _("Social network")
    ONLINE_AD = "online_ad", _("Online ad")
    MARKETPLACE = "marketplace", _("Marketplace")
    CONTENT = "content", _("Blog and content")
    VIDEO = "video", _("Video")
    LANDING_PAGE = "landing_page", _("Landing page")
    NEWSLETTER = "newsletter", _("Newsletter")
    EMAILING = "emailing", _("Emailing")
    WEBINAR = "webinar", _("Webinar")
    WHITE_PAPER = "white_paper", _("White paper")
    INFLUENCER = "influencer", _("Influencer")
    REFERRAL = "referral", _("Referral")
    DIRECT_TRAFFIC = "direct_traffic", _("Direct traffic")
    PARTNER = "partner", _("Partner")
    TRADE_SHOW = "trade_show", _("Trade show")
    EVENT = "event", _("Event")
    POINT_OF_SALE = "point_of_sale", _("Point of sale")
    IN_STORE_OFFER = "in_store_offer", _("In-store offer")
    PRIZE_DRAW = "prize_draw", _("Prize draw")
    PHONE_CAMPAIGN = "phone_campaign", _("Phone campaign")
    INBOUND_CALL = "inbound_call", _("Inbound call")
    PAPER_FORM = "paper_form", _("Paper form")
    PROSPECTING = "prospecting", _("Prospecting")
    SOCIAL_SELLING = "social_selling", _("Social selling")
    OTHER = "other", _("Other")

    @property
    def is_online(self) -> bool:
        """Whether the lever works on the web or by email."""
        return self not in OFFLINE


OFFLINE = frozenset(
    {
        Channel.TRADE_SHOW,
        Channel.EVENT,
        Channel.POINT_OF_SALE,
        Channel.IN_STORE_OFFER,
        Channel.PRIZE_DRAW,
        Channel.PHONE_CAMPAIGN,
        Channel.INBOUND_CALL,
        Channel.PAPER_FORM,
        Channel.PROSPECTING,
    }
)
