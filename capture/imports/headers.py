"""Which column means what: guessed from its heading, in French and English, and from what stands in it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from hashlib import sha256

from capture.imports.targets import Kind, Target
from leads.normalise import searchable

_NOISE = re.compile(r"[^a-z0-9]+")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]+")
_PHONE = re.compile(r"\+?[0-9][0-9 .()/-]{7,18}")
_SIREN = re.compile(r"\d{3} ?\d{3} ?\d{3}(?: ?\d{5})?")
_LINKEDIN = re.compile(r"(?:https?://)?(?:[a-z]+\.)?linkedin\.com/", re.IGNORECASE)
# How many of the samples must look like it.
_MOST = 0.6

# Headings without accents, case and punctuation. The first that fits wins, longer ones before shorter ones.
_HEADINGS: Mapping[str, str] = {
    "lead.email": "email|mail|e mail|courriel|adresse mail|adresse email|adresse e mail|email address|"
    "email professionnel|e mail professionnel|mail professionnel|email pro|mail pro|e mail pro|work email|"
    "business email|courriel professionnel|contact email|email 1|e mail 1|adresse electronique",
    "lead.email_2": "email 2|e mail 2|mail 2|email personnel|e mail personnel|mail personnel|email perso|"
    "mail perso|e mail perso|personal email|autre email|autre mail|other email|second email|email secondaire|"
    "secondary email|courriel personnel",
    "lead.phone": "telephone|tel|phone|mobile|portable|tel mobile|telephone mobile|telephone portable|"
    "tel portable|mobile phone|phone number|numero de telephone|n de telephone|cell phone|gsm|"
    "numero de portable|tel 1|telephone 1|phone 1",
    "lead.phone_2": "tel fixe|telephone fixe|fixe|ligne directe|direct line|standard|tel 2|telephone 2|"
    "phone 2|work phone|telephone professionnel|tel pro|telephone bureau|tel bureau|autre telephone|"
    "other phone|landline|telephone standard",
    "lead.reference": "reference|ref|id|identifiant|lead id|contact id|id contact|id client|customer id|"
    "client id|external id|id externe|n client|numero client|code client|record id|mql id|id lead|crm id",
    "lead.first_name": "prenom|first name|firstname|given name|prenom contact|prenom du contact|"
    "contact prenom",
    "lead.last_name": "nom|nom de famille|last name|lastname|surname|family name|nom contact|nom du contact|"
    "contact nom|patronyme",
    "lead.full_name": "nom complet|full name|fullname|name|nom prenom|nom et prenom|prenom nom|"
    "prenom et nom|contact|contact name|interlocuteur|nom et prenoms|nom prenom du contact|contact person",
    "lead.language": "langue|language|lang|locale",
    "lead.address": "adresse|address|rue|street|adresse postale|street address|adresse 1|address line 1|voie",
    "lead.postcode": "code postal|cp|postcode|zip|zip code|postal code|codepostal",
    "lead.city": "ville|city|commune|localite|town",
    "lead.region": "region|departement geographique|state|province",
    "lead.country": "pays|country|code pays|country code",
    "lead.job_title": "fonction|poste|job title|title|job|intitule de poste|intitule du poste|titre|"
    "position|role|metier|profession|fonction du contact",
    "lead.department": "service|department|departement|direction|division",
    "lead.seniority": "seniority|niveau hierarchique|niveau|hierarchie",
    "lead.company_role": "role dans la decision|decision role|role de decision|role achat|buying role",
    "lead.need": "besoin|need|besoins|commentaire|commentaires|notes|note|remarque|remarques|message|"
    "comments|comment|demande|projet|description du besoin|observations",
    "lead.pain_point": "enjeu|enjeux|probleme|problematique|pain point|challenge|point de douleur",
    "lead.project_month": "echeance|horizon|date projet|date du projet|echeance du projet|project date|"
    "horizon du projet|timeline|delai",
    "lead.budget_range": "budget|budget range|tranche de budget|enveloppe",
    "lead.interests": "interets|centres d interet|centre d interet|interests|topics|sujets|themes|tags|"
    "produits d interet|thematiques",
    "lead.linkedin": "linkedin|profil linkedin|linkedin url|url linkedin|linkedin profile",
    "lead.audience": "b2b b2c|type de client|audience|type client|particulier professionnel",
    "lead.created_at": "date de creation|created|created at|date creation|premier contact|first contact|"
    "date de premier contact|first contact date|create date|date d ajout|date entree|horodateur|timestamp",
    "lead.channel": "canal|channel|source|origine|origin|lead source|source du lead|levier|provenance",
    "lead.landing_page": "landing page|page d atterrissage|landing page id|page d entree",
    "company.name": "entreprise|societe|company|raison sociale|company name|organisation|organization|"
    "nom de l entreprise|nom entreprise|nom de la societe|nom societe|compte|account|account name|"
    "etablissement|denomination|denomination sociale|enseigne|structure|employer",
    "company.domain": "site web|site internet|site|website|domaine|domain|url|web|company website|"
    "company domain|domaine de l entreprise|site web de l entreprise",
    "company.siren": "siren|siret|n siren|numero siren|n siret|numero siret|siren siret",
    "company.sector": "secteur|secteur d activite|sector|industry|activite|domaine d activite|branche",
    "company.headcount": "effectif|effectifs|headcount|taille|taille de l entreprise|nombre de salaries|"
    "employees|nb salaries|number of employees|company size|nombre d employes|tranche d effectif",
    "company.turnover": "chiffre d affaires|ca|turnover|revenue|annual revenue|tranche de ca",
    "owner": "commercial|proprietaire|owner|charge d affaires|suivi par|sales rep|account owner|vendeur|"
    "responsable commercial|lead owner|contact owner|attribue a|assigned to|ingenieur commercial",
    "consent.newsletter.email": "newsletter|optin newsletter|opt in newsletter|abonne newsletter|"
    "inscrit newsletter|consentement newsletter|newsletter opt in|infolettre",
    "consent.nurturing.email": "optin|opt in|opt in email|optin email|email opt in|consentement|"
    "consentement email|consent|marketing consent|accepte les emails|rgpd|gdpr|consentement rgpd|"
    "optin marketing|opt in marketing|prospection email",
    "consent.sales.phone": "optin telephone|opt in telephone|consentement telephone|phone opt in|"
    "accepte les appels|optin tel|prospection telephonique",
    "consent.nurturing.sms": "optin sms|opt in sms|consentement sms|sms opt in",
    "consent.tracking.email": "optin suivi|consentement suivi|tracking consent|consentement cookies",
    "consent.at": "date du consentement|date consentement|consent date|date optin|date opt in|"
    "date d opt in|opt in date|optin date|date de consentement|date rgpd",
    "consent.proof": "preuve|preuve du consentement|consent proof|source du consentement|proof|"
    "origine du consentement|preuve consentement|consent source",
    "event.kind": "evenement|event|type d evenement|event type|action|interaction|activity type|"
    "type d interaction",
    "event.at": "date de l evenement|date evenement|event date|date d interaction|date de l action|"
    "last activity date|date derniere activite",
    "event.content": "contenu|content|livre blanc|document telecharge|content downloaded|contenu telecharge",
    "outcome.state": "statut|status|issue|resultat|outcome|etat|etape|stage|deal stage|lead status|"
    "statut du lead|gagne perdu|won lost|statut commercial",
    "outcome.at": "date de signature|date de gain|won date|close date|closed date|date de cloture|"
    "date signature|date de vente|date cloture|date de l issue|date de conversion",
    "outcome.amount": "montant|amount|montant ht|deal amount|valeur|value|montant de la vente|"
    "prix de vente|montant signe",
    "outcome.product": "produit|product|offre|produit vendu|offre signee",
    "outcome.reason": "motif|raison|motif de perte|raison de la perte|lost reason|loss reason|raison perte|"
    "motif perte|closed lost reason",
}
_BY_HEADING = {heading: code for code, headings in _HEADINGS.items() for heading in headings.split("|")}
# A second column for these goes to the spare target.
_SPARE = {"lead.email": "lead.email_2", "lead.phone": "lead.phone_2"}
_BY_VALUE = (
    (_EMAIL, "lead.email"),
    (_LINKEDIN, "lead.linkedin"),
    (_SIREN, "company.siren"),
    (_PHONE, "lead.phone"),
)


def shape_of(header: Sequence[str]) -> str:
    """What files with the same columns have in common: a hash of the headings, order and case included."""
    return sha256("\x1f".join(normal(heading) for heading in header).encode()).hexdigest()


def normal(heading: str) -> str:
    """A heading without accents, case and punctuation: "Tél. mobile *" → "tel mobile"."""
    return _NOISE.sub(" ", searchable(heading)).strip()


def guess(
    header: Sequence[str], samples: Sequence[Sequence[str]], targets: Mapping[str, Target]
) -> list[str]:
    """A target for each column, "" where nothing fits; each target at most once.

    ``samples`` are the first rows; ``targets`` those that exist here, custom fields (found by code or label)
    included. A heading is believed unless all that stands beneath contradicts it.
    """
    own = {normal(str(target.label)): code for code, target in targets.items() if target.kind is Kind.CUSTOM}
    own |= {normal(target.field): code for code, target in targets.items() if target.kind is Kind.CUSTOM}
    taken: set[str] = set()
    found = [""] * len(header)
    columns = [_column(samples, place) for place in range(len(header))]
    for place, heading in enumerate(header):
        code = own.get(normal(heading)) or _BY_HEADING.get(normal(heading), "")
        if code and not _contradicts(code, columns[place]):
            _take(found, place, code, taken)
    for place, values in enumerate(columns):
        if not found[place]:
            _take(found, place, _by_value(values), taken)
    return _settle_names(found)


def _column(samples: Sequence[Sequence[str]], place: int) -> list[str]:
    return [row[place].strip() for row in samples if place < len(row) and row[place].strip()]


def _take(found: list[str], place: int, code: str, taken: set[str]) -> None:
    """Give the column this target, or its spare one when another column has it."""
    if code in taken:
        code = _SPARE.get(code, "")
    if code and code not in taken:
        found[place] = code
        taken.add(code)


def _contradicts(code: str, values: list[str]) -> bool:
    """An email column without any address, a phone column without any digit."""
    if not values:
        return False
    if code.startswith("lead.email"):
        return not any("@" in value for value in values)
    if code.startswith("lead.phone"):
        return not any(char.isdigit() for value in values for char in value)
    return False


def _by_value(values: list[str]) -> str:
    for pattern, code in _BY_VALUE:
        fitting = sum(bool(pattern.match(value) if code == "lead.linkedin" else pattern.fullmatch(value))
                      for value in values)  # fmt: skip
        if values and fitting >= _MOST * len(values):
            return code
    return ""


def _settle_names(found: list[str]) -> list[str]:
    """A "name" beside a first name is a last name; beside nothing it is the full one."""
    if "lead.full_name" in found and "lead.first_name" in found and "lead.last_name" not in found:
        found[found.index("lead.full_name")] = "lead.last_name"
    if "lead.last_name" in found and "lead.first_name" not in found and "lead.full_name" not in found:
        found[found.index("lead.last_name")] = "lead.full_name"
    return found


def looks_like_header(first: Sequence[str], rest: Sequence[Sequence[str]]) -> bool:
    """Whether the first row names the columns: known headings, or words where data stands beneath."""
    named = [cell for cell in first if cell.strip()]
    if not named:
        return False
    if any(_EMAIL.fullmatch(cell.strip()) or _PHONE.fullmatch(cell.strip()) for cell in named):
        return False
    if any(normal(cell) in _BY_HEADING for cell in named):
        return True
    return len(set(map(normal, named))) == len(named) == len(first) and (
        not rest or not any(cell.strip().replace(",", "").replace(".", "").isdigit() for cell in named)
    )
