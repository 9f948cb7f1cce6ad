"""The consent wordings that every installation has, in both languages: one purpose each.

Each says who asks (``{controller}`` becomes the company's name), what for, how often or how, and how to take
it back (RGPD articles 4, 7 and 13; CPCE L.34-5; privacy bar 5.2 and 5.3).
"""

from __future__ import annotations

from dataclasses import dataclass

from leads.choices import ContactChannel, Purpose


@dataclass(frozen=True, slots=True)
class Wording:
    """The first version of a wording."""

    code: str
    language: str
    purpose: Purpose
    channel: ContactChannel
    text: str


SHIPPED: tuple[Wording, ...] = (
    Wording(
        "newsletter",
        "fr",
        Purpose.NEWSLETTER,
        ContactChannel.EMAIL,
        "Oui, je souhaite recevoir par e-mail la newsletter de {controller}. "
        "Je peux me désinscrire à tout moment par le lien présent dans chaque message.",
    ),
    Wording(
        "newsletter",
        "en",
        Purpose.NEWSLETTER,
        ContactChannel.EMAIL,
        "Yes, I would like to receive the newsletter of {controller} by email. "
        "I can unsubscribe at any time by the link in each message.",
    ),
    Wording(
        "nurturing",
        "fr",
        Purpose.NURTURING,
        ContactChannel.EMAIL,
        "Oui, je souhaite recevoir par e-mail des conseils et des études de cas de {controller} en rapport "
        "avec ma demande. Je peux me désinscrire à tout moment par le lien présent dans chaque message.",
    ),
    Wording(
        "nurturing",
        "en",
        Purpose.NURTURING,
        ContactChannel.EMAIL,
        "Yes, I would like to receive advice and case studies from {controller} about what I asked for, by "
        "email. I can unsubscribe at any time by the link in each message.",
    ),
    Wording(
        "phone",
        "fr",
        Purpose.SALES,
        ContactChannel.PHONE,
        "Oui, un conseiller de {controller} peut m’appeler au téléphone au sujet de ses produits et "
        "services. Je peux retirer cet accord à tout moment.",
    ),
    Wording(
        "phone",
        "en",
        Purpose.SALES,
        ContactChannel.PHONE,
        "Yes, somebody from {controller} may call me on the phone about its products and services. "
        "I can withdraw this at any time.",
    ),
    Wording(
        "tracking",
        "fr",
        Purpose.TRACKING,
        ContactChannel.EMAIL,
        "Oui, {controller} peut mesurer si j’ouvre ses e-mails et les liens que j’y suis, afin de m’écrire "
        "moins souvent et plus à propos. Je peux retirer cet accord à tout moment, sans cesser de recevoir "
        "ces e-mails.",
    ),
    Wording(
        "tracking",
        "en",
        Purpose.TRACKING,
        ContactChannel.EMAIL,
        "Yes, {controller} may measure whether I open its emails and which links I follow, so as to write "
        "less often and more to the point. I can withdraw this at any time and still receive the emails.",
    ),
)
