"""What sales find out about each person, and how each rep works. Plain values, drawn from the seed."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from random import Random

from demo.cast import Person
from demo.company import SERVICES
from leads.choices import DecisionRole, Headcount, Sector

BUYING_SECTORS = frozenset(
    {Sector.INDUSTRY, Sector.FOOD, Sector.ENERGY, Sector.LOGISTICS, Sector.CONSTRUCTION, Sector.HEALTH}
)
PARTNERS = ("Atelier Corvance", "Bureau d’études Lambrelle", "Montages Ferrival")


class Choice(StrEnum):
    """What a rep does with an offer."""

    ACCEPT = "accept"
    RESEARCH = "research"  # fills what is missing, accepts the next day
    RETURN = "return"
    DISQUALIFY = "disqualify"
    DECLINE = "decline"
    FORGET = "forget"  # the deadline passes


class Manner(StrEnum):
    """How a rep decides: few, many, or last, after the others let it pass."""

    STRICT = "strict"
    EASY = "easy"
    LAST_RESORT = "last_resort"


class End(StrEnum):
    """How the work on an accepted lead ends."""

    WIN = "win"
    LOSE = "lose"
    RETURN = "return"
    DISQUALIFY = "disqualify"
    REFER = "refer"


@dataclass(frozen=True, slots=True)
class Fate:
    """One pass of a person through sales: what is decided, why, and after how many days each step.

    ``qualified_after`` is None when the lead never becomes an opportunity. Amounts in euros.
    """

    choice: Choice
    reason: str = ""
    months_ahead: int = 0
    note: str = ""
    value_rating: int = 3
    qualified_after: int | None = None
    end: End = End.RETURN
    end_reason: str = ""
    ends_after: int = 14
    product: str = ""
    amount: int = 0


ACCEPTS = {Manner.STRICT: 0.64, Manner.EASY: 0.72, Manner.LAST_RESORT: 0.6}


def promise(person: Person) -> float:
    """How good a customer the person would be, 0 to 1: sector, size and part in the decision."""
    if person.firm is None or person.is_student:
        return 0.08
    size = {Headcount.FROM_1: 0.25, Headcount.FROM_10: 0.55}.get(person.firm.headcount, 1.0)
    sector = 1.0 if person.firm.sector in BUYING_SECTORS else 0.45
    role = {DecisionRole.DECISION_MAKER: 1.0, DecisionRole.INFLUENCER: 0.85}.get(
        DecisionRole(person.decision_role), 0.6
    )
    return size * sector * role


def fate(seed: int, person: Person, cycle: int, manner: Manner) -> Fate:
    """What happens when this person is offered to a rep of this manner in this cycle."""
    rng = Random(f"{seed}/fate/{person.number}/{cycle}/{manner}")
    if person.is_student:
        return Fate(Choice.DISQUALIFY, "spam", note="Mémoire de fin d’études.", value_rating=1)
    chance = promise(person)
    if rng.random() < ACCEPTS[manner] * (0.45 + 0.55 * chance):
        return _accepted(person, chance, rng)
    return _refused(chance, rng, may_pass=manner is not Manner.LAST_RESORT)


def _refused(chance: float, rng: Random, *, may_pass: bool) -> Fate:
    """Returned, disqualified, passed on or forgotten, each with its usual reasons."""
    if chance < 0.3 and rng.random() < 0.6:
        return Fate(
            Choice.DISQUALIFY, rng.choice(("out_of_target", "out_of_target", "no_need")), value_rating=1
        )
    reason = rng.choices(
        ("project_far", "no_budget", "wrong_person", "information_missing", "unreachable", "duplicate", ""),
        (32, 20, 16, 12, 12, 2, 6 * may_pass),
    )[0]
    if not reason:
        return Fate(
            rng.choice((Choice.DECLINE, Choice.FORGET)), rng.choice(("overloaded", "wrong_territory"))
        )
    if reason == "duplicate":
        return Fate(Choice.DISQUALIFY, reason)
    note = NOTES.get(reason, "")
    return Fate(Choice.RETURN, reason, rng.choice((3, 4, 5, 6, 8, 10)), note, rng.randint(2, 3))


def _accepted(person: Person, chance: float, rng: Random) -> Fate:
    """Worked: most promising ones become opportunities, and about half of those are won."""
    product, price = next((name, price) for code, name, price in SERVICES if code == person.topics[0])
    first = Choice.RESEARCH if rng.random() < 0.22 else Choice.ACCEPT
    amount = round(price * rng.uniform(0.5, 1.9), -2)
    rating = rng.randint(3, 5)
    if rng.random() > 0.35 + 0.42 * chance:
        end = rng.choices((End.RETURN, End.DISQUALIFY, End.REFER), (62, 24, 14))[0]
        return Fate(
            first,
            value_rating=rating,
            end=end,
            end_reason=_reason(END_REASONS[end], rng),
            months_ahead=rng.choice((3, 4, 6, 9)),
            ends_after=rng.randint(3, 16),
        )
    end = End.WIN if rng.random() < 0.36 + 0.2 * chance else End.LOSE
    qualified_after = rng.randint(4, 17)
    return Fate(
        first,
        value_rating=rating,
        qualified_after=qualified_after,
        end=end,
        end_reason=_reason(END_REASONS[end], rng) if end is End.LOSE else "",
        months_ahead=rng.choice((4, 6, 9, 12)),
        ends_after=qualified_after + rng.randint(8, 40),
        product=product,
        amount=int(amount),
    )


def _reason(weighted_reasons: dict[str, int], rng: Random) -> str:
    return rng.choices(list(weighted_reasons), list(weighted_reasons.values()))[0]


END_REASONS: dict[End, dict[str, int]] = {
    End.RETURN: {"project_far": 40, "no_budget": 30, "unreachable": 20, "wrong_person": 10},
    End.DISQUALIFY: {"no_need": 60, "out_of_target": 40},
    End.REFER: {"better_served": 1},
    End.LOSE: {"lost_to_competitor": 45, "no_budget": 25, "project_far": 15, "no_need": 15},
}
CALL_NOTES = (
    "Intéressé, demande une proposition chiffrée.",
    "Veut voir une référence dans son secteur avant d’aller plus loin.",
    "Compare avec son prestataire actuel ; arrêt technique prévu cet été.",
    "Doit en parler à sa direction, nous rappelle avec les plans.",
    "Demande une visite sur site et les délais d’intervention.",
)
# What a rep sets themselves after a call: kind of task (funnel.work.TaskKind) and title.
NEXT_STEPS = (
    ("email", "Envoyer la proposition"),
    ("email", "Envoyer une référence du secteur"),
    ("call", "Relancer sur le devis"),
    ("other", "Préparer la visite sur site"),
)
NOTES = {
    "project_far": "Le projet passe après le déménagement de l’atelier.",
    "no_budget": "Budget de l’année consommé, à revoir au prochain exercice.",
    "wrong_person": "Nous oriente vers la direction technique.",
    "unreachable": "Trois appels et un message, sans réponse.",
    "information_missing": "Impossible de chiffrer sans connaître le parc.",
}
CHECKLIST = {
    "budget": ("Enveloppe confirmée", "Échange téléphonique"),
    "decision_process": ("Comité d’investissement, puis direction de site", "Compte rendu de visite"),
    "authority": ("Le directeur de site signe", "Organigramme transmis"),
    "need": ("Décrit dans la demande", "Formulaire"),
    "timing": ("Avant le prochain arrêt programmé", "Échange téléphonique"),
}
