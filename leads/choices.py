"""The closed vocabularies of a lead's and a company's profile."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Audience(models.TextChoices):
    """Whom the law sees: unknown is treated as a consumer."""

    B2B = "b2b", _("B2B")
    B2C = "b2c", _("B2C")
    UNKNOWN = "unknown", _("Unknown")


class Origin(models.TextChoices):
    """Where a value of the profile comes from."""

    FORM = "form", _("Form")
    API = "api", _("API")
    IMPORT = "import", _("Import")
    SALES = "sales", _("Sales")
    MARKETING = "marketing", _("Marketing")
    SITE = "site", _("Site")
    DEDUCED = "deduced", _("Deduced")


class Seniority(models.TextChoices):
    """How high somebody stands in their company."""

    EXECUTIVE = "executive", _("Executive")
    DIRECTOR = "director", _("Director")
    MANAGER = "manager", _("Manager")
    STAFF = "staff", _("Staff")
    STUDENT = "student", _("Student")


class DecisionRole(models.TextChoices):
    """The part somebody plays in their company's decision."""

    DECISION_MAKER = "decision_maker", _("Decision-maker")
    INFLUENCER = "influencer", _("Influencer")
    USER = "user", _("User")
    BUYER = "buyer", _("Buyer")


class BudgetRange(models.TextChoices):
    """What the lead may spend, in euros a year."""

    UNDER_5K = "under_5k", _("under €5,000")
    FROM_5K = "5k_20k", _("€5,000 to €20,000")
    FROM_20K = "20k_50k", _("€20,000 to €50,000")
    FROM_50K = "50k_200k", _("€50,000 to €200,000")
    OVER_200K = "over_200k", _("over €200,000")


class Headcount(models.TextChoices):
    """The size of a company in people (INSEE's size classes, grouped)."""

    FROM_1 = "1_9", _("1 to 9 people")
    FROM_10 = "10_49", _("10 to 49 people")
    FROM_50 = "50_249", _("50 to 249 people")
    FROM_250 = "250_4999", _("250 to 4,999 people")
    OVER_5000 = "5000_plus", _("5,000 people and more")


class Turnover(models.TextChoices):
    """The yearly turnover of a company in euros."""

    UNDER_2M = "under_2m", _("under €2 million")
    FROM_2M = "2m_10m", _("€2 to 10 million")
    FROM_10M = "10m_50m", _("€10 to 50 million")
    OVER_50M = "over_50m", _("over €50 million")


class Sector(models.TextChoices):
    """What a company does (NAF sections, grouped as sales people speak)."""

    INDUSTRY = "industry", _("Industry")
    FOOD = "food", _("Food industry")
    CONSTRUCTION = "construction", _("Construction")
    ENERGY = "energy", _("Energy and water")
    LOGISTICS = "logistics", _("Transport and logistics")
    RETAIL = "retail", _("Trade and retail")
    SOFTWARE = "software", _("Software and IT services")
    CONSULTING = "consulting", _("Consulting and services")
    FINANCE = "finance", _("Banking and insurance")
    HEALTH = "health", _("Health")
    EDUCATION = "education", _("Education and research")
    PUBLIC = "public", _("Public sector")
    HOSPITALITY = "hospitality", _("Hotels and restaurants")
    AGRICULTURE = "agriculture", _("Agriculture")
    OTHER = "other", _("Other")


class ContentType(models.TextChoices):
    """What a piece of content is."""

    WHITE_PAPER = "white_paper", _("White paper")
    EBOOK = "ebook", _("E-book")
    GUIDE = "guide", _("Guide")
    CASE_STUDY = "case_study", _("Case study")
    TESTIMONIAL = "testimonial", _("Testimonial")
    WEBINAR = "webinar", _("Webinar")
    VIDEO = "video", _("Video")
    INFOGRAPHIC = "infographic", _("Infographic")
    DEMO = "demo", _("Demo")
    PRICE_LIST = "price_list", _("Price list")
    CATALOGUE = "catalogue", _("Catalogue")
    DATA_SHEET = "data_sheet", _("Data sheet")
    ARTICLE = "article", _("Article")
    NEWSLETTER = "newsletter", _("Newsletter")


class Band(models.TextChoices):
    """The part of the funnel something belongs to."""

    TOFU = "tofu", _("TOFU")
    MOFU = "mofu", _("MOFU")
    BOFU = "bofu", _("BOFU")


class Phase(models.TextChoices):
    """The steps of a purchase, as the fourth article names them."""

    AWARENESS = "awareness", _("Awareness")
    INTEREST = "interest", _("Interest")
    CONSIDERATION = "consideration", _("Consideration")
    DECISION = "decision", _("Decision")
    CONVERSION = "conversion", _("Conversion")


class Purpose(models.TextChoices):
    """What we would write or call for; each is consented separately."""

    NEWSLETTER = "newsletter", _("Newsletter")
    NURTURING = "nurturing", _("Nurturing")
    SALES = "sales", _("Sales contact")
    TRANSACTIONAL = "transactional", _("Transactional")
    TRACKING = "tracking", _("Tracking")
    TRANSFER = "transfer", _("Transfer to a partner")


# Nobody consents to what the law or a contract asks us to send.
CONSENTED = [(purpose.value, purpose.label) for purpose in Purpose if purpose != Purpose.TRANSACTIONAL]


class ContactChannel(models.TextChoices):
    """The way we would reach somebody."""

    EMAIL = "email", _("Email")
    PHONE = "phone", _("Phone")
    SMS = "sms", _("SMS")
    POST = "post", _("Post")


class ConsentState(models.TextChoices):
    """What the person said about one purpose on one channel."""

    GRANTED = "granted", _("Granted")
    DENIED = "denied", _("Denied")
    WITHDRAWN = "withdrawn", _("Withdrawn")


class SuppressionReason(models.TextChoices):
    """Why an address is never written to again (privacy bar 5.4)."""

    UNSUBSCRIBED = "unsubscribed", _("Unsubscribed")
    TOPIC = "topic", _("Unsubscribed from a topic")
    HARD_BOUNCE = "hard_bounce", _("Address does not exist")
    SOFT_BOUNCE = "soft_bounce", _("Address did not answer for two weeks")
    COMPLAINT = "complaint", _("Marked as spam")
    OBJECTION = "objection", _("Objected")
    ERASED = "erased", _("Erased")
    PAUSED = "paused", _("Asked for a pause")
