"""What a template may merge: the closed list of fields, and example values to try a template with."""

from __future__ import annotations

from collections.abc import Mapping

Values = Mapping[str, object]

CONTENT_FIELDS = frozenset({"title", "summary", "url", "type"})
FIELDS = frozenset(
    {
        "language",
        "preheader",
        "reason",
        "unsubscribe_url",
        "preferences_url",
        "lead.first_name",
        "lead.last_name",
        "lead.full_name",
        "lead.job_title",
        "lead.city",
        "lead.interests",
        "company.name",
        "company.city",
        "wake.month",
        "sender.name",
        "sender.organisation",
        "sender.address",
        "sender.siren",
        "newsletter.title",
        "newsletter.contents",
        # Of notices only.
        "link.url",
        "link.until",
        "form.title",
        "submission.who",
        "submission.company",
        *(f"meeting.{name}" for name in ("title", "when", "place", "host", "is_moved")),
        "video.url",
        *(f"content.{name}" for name in CONTENT_FIELDS),
        *(f"consulted.{name}" for name in CONTENT_FIELDS),
    }
)

_PIECE = {
    "title": "Réduire les arrêts de ligne de 30 %",
    "summary": "Le retour d’expérience d’un atelier de 80 personnes, chiffres à l’appui.",
    "url": "https://www.example.com/contenus/arrets-de-ligne",
    "type": "étude de cas",
}
EXAMPLE: Values = {
    "language": "fr",
    "preheader": "",
    "reason": "Vous recevez ce message car vous avez téléchargé un livre blanc.",
    "unsubscribe_url": "https://www.example.com/u/exemple",
    "preferences_url": "https://www.example.com/p/exemple/",
    "lead": {
        "first_name": "Camille",
        "last_name": "Martin",
        "full_name": "Camille Martin",
        "job_title": "Responsable maintenance",
        "city": "Lyon",
        "interests": ["maintenance"],
    },
    "company": {"name": "Ateliers du Rhône", "city": "Lyon"},
    "wake": {"month": "mars 2027"},
    "sender": {
        "name": "Claire Dubois",
        "organisation": "Exemple SAS",
        "address": "12 rue de l’Exemple, 69003 Lyon",
        "siren": "123 456 789",
    },
    "content": _PIECE,
    "consulted": {**_PIECE, "title": "Le guide de la maintenance préventive", "type": "livre blanc"},
    "newsletter": {"title": "La lettre de mars", "contents": [_PIECE, _PIECE]},
    "link": {"url": "https://www.example.com/c/exemple", "until": "19 mars 2027"},
    "form": {"title": "Recevoir le guide"},
    "meeting": {
        "title": "Présentation de l’offre",
        "when": "vendredi 19 mars 2027, 10:00–11:00 (heure normale d’Europe centrale)",
        "place": "12 rue de l’Exemple, Lyon",
        "host": "Claire Dubois",
        "is_moved": "",
    },
    "video": {"url": "https://visio.example.com/salle"},
    "submission": {"who": "Camille Martin", "company": "Ateliers du Rhône"},
}
