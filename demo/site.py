"""Valbrume's site as far as Écluse knows it: fields of its own, what the tracker looks for, four forms."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from accounts.models import ApiKey, User
from capture.actions.forms import begin_form, change_settings, publish, settings_mark
from capture.actions.questions import add_question
from capture.actions.sites import change_site, site_of
from capture.choices import DoubleOptIn
from capture.models import Form
from capture.starters import BY_CODE
from capture.targets import targets_of
from demo.company import NAME, SITE
from leads.actions.custom_fields import Wording, define_field
from leads.custom_fields import About, FieldType
from leads.models import Content, List
from leads.webhooks.manage import save_webhook, stop

# The white paper behind the third form.
PAPER = "lb-maintenance-predictive"
# What the forms ask besides what their starters do: fields of Valbrume's own.
MACHINES, SITES, VISIT = "custom.equipement_principal", "custom.nombre_de_sites", "custom.visite_d_atelier"
CERTIFIED = "company_custom.certifications"
EQUIPMENT = ("Presses", "Convoyeurs", "Compresseurs", "Fours", "Robots", "Machines-outils")
_FORMS: dict[str, tuple[str, tuple[str, ...]]] = {
    "contact": ("Contact", ()),
    "quote": ("Demande de devis", (MACHINES, SITES, VISIT)),
    "white_paper": ("Livre blanc maintenance prédictive", (MACHINES, CERTIFIED)),
    "newsletter": ("La lettre de l’atelier", ()),
}


def define_fields(*, now: datetime) -> None:
    """What Valbrume notes of leads and companies beyond the standard."""
    lead, company = About.LEAD, About.COMPANY
    define_field(
        about=lead,
        type=FieldType.CHOICE,
        wording=Wording("Équipement principal", "Main equipment"),
        now=now,
        options_fr=EQUIPMENT,
        options_en=("Presses", "Conveyors", "Compressors", "Furnaces", "Robots", "Machine tools"),
    )
    define_field(
        about=lead, type=FieldType.NUMBER, wording=Wording("Nombre de sites", "Number of sites"), now=now
    )
    define_field(
        about=lead,
        type=FieldType.BOOLEAN,
        wording=Wording("Visite d’atelier", "Wants a visit of the workshop"),
        now=now,
    )
    define_field(
        about=lead,
        type=FieldType.DATE,
        wording=Wording("Fin du contrat actuel", "End of the present contract"),
        now=now,
    )
    define_field(
        about=company,
        type=FieldType.MULTIPLE,
        wording=Wording("Certifications", "Certifications"),
        now=now,
        options_fr=("ISO 9001", "ISO 14001", "ISO 45001", "ISO 50001"),
    )
    define_field(
        about=company,
        type=FieldType.MONEY,
        wording=Wording("Budget annuel de maintenance", "Yearly maintenance budget"),
        now=now,
    )


def track(key: ApiKey, *, now: datetime) -> None:
    """What the tracker looks for on the pages that carry the site's key."""
    site = site_of(key, now=now)
    changes = {
        "name": "www.valbrume.example",
        "pricing_patterns": ["/tarifs*"],
        "ignored_patterns": ["/mentions-legales/*"],
        "consent_cookie": "valbrume_cookies=oui",
        "trap_path": "/piege/",
    }
    change_site(site=site, changes=changes, origins=key.origins, now=now)


def tell_others(*, by: User, now: datetime) -> None:
    """A webhook to Valbrume's own software, switched off: its address exists nowhere."""
    webhook = save_webhook(
        name="ERP Valbrume",
        url="https://erp.valbrume.example/ecluse",
        kinds=["accepted", "qualified", "won"],
        by=by,
        now=now,
    )
    stop(webhook=webhook)


def open_forms(*, by: User, now: datetime) -> dict[str, Form]:
    """The four forms of the site, published; by the code of their starter."""
    return {code: _open(code, name, asked, by, now) for code, (name, asked) in _FORMS.items()}


def _open(code: str, name: str, asked: Iterable[str], by: User, now: datetime) -> Form:
    form = begin_form(starter=BY_CODE[code], language="fr", by=by, now=now, name=name)
    for target in targets_of(list(asked), "fr").values():
        add_question(form=form, target=target, by=by, now=now, priority=6 if code == "white_paper" else 0)
    values = _settings(code)
    change_settings(form=form, values=values, seen=settings_mark(form, list(values)), by=by, now=now)
    return publish(form=form, by=by, now=now)


def _settings(code: str) -> Mapping[str, object]:
    """What the four differ in, beyond their starters. Nobody is told by mail: there would be hundreds."""
    settings: dict[str, object] = {
        "controller": NAME,
        "privacy_url": f"{SITE}/confidentialite/",
        "origins": [SITE],
        "notify": [],
    }
    if code == "white_paper":
        settings["content"] = Content.objects.get(code=PAPER)
    if code == "newsletter":
        settings |= {"joins": List.objects.get(is_newsletter=True), "double_opt_in": DoubleOptIn.EVERYBODY}
    return settings
