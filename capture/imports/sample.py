"""A file to begin with: the headings that are recognised by themselves, and two people who do not exist."""

from __future__ import annotations

_SAMPLES = {
    "fr": (
        "Prénom;Nom;E-mail professionnel;Tél. mobile;Fonction;Raison sociale;SIREN;Code postal;Ville;Besoin;"
        "Opt-in email;Date du consentement;Preuve du consentement\r\n"
        "Élodie;Martin;elodie.martin@exemple.fr;06 12 34 56 78;Responsable production;Ateliers Martin;"
        "732829320;69003;Lyon;Renouveler la ligne;oui;12/03/2026;Formulaire papier, salon de Lyon\r\n"
        "Luc;de La Tour;luc.delatour@exemple.fr;01 98 76 54 32;Acheteur;Fonderies du Rhône;;38200;Vienne;;"
        "non;;\r\n"
    ),
    "en": (
        "First name;Last name;Work email;Mobile phone;Job title;Company name;SIREN;Postcode;City;Need;"
        "Email opt in;Consent date;Consent proof\r\n"
        "Elodie;Martin;elodie.martin@example.com;+33 6 12 34 56 78;Production manager;Martin Works;"
        '732829320;69003;Lyon;Renew the line;yes;2026-03-12;"Paper form, Lyon trade fair"\r\n'
        "Luke;Tower;luke.tower@example.com;+33 1 98 76 54 32;Buyer;Rhone Foundries;;38200;Vienne;;no;;\r\n"
    ),
}


def sample_file(language: str) -> bytes:
    """The file in the reader's language; UTF-8 with a byte order mark, so that Excel shows its accents."""
    return _SAMPLES["en" if language.startswith("en") else "fr"].encode("utf-8-sig")
