"""What tests of public forms need: forms, a browser that fills them in, a site, a worker."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from html import unescape
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.http import HttpResponse
from django.test import Client

from capture.actions.accept import take_in_due
from capture.models import Form, FormConsent, FormField, Submission
from leads.models import ConsentWording, Content, List
from nurturing.actions.settings import set_up
from nurturing.models import MailSettings

SITE = "https://www.acier-dupont.example"
ASKED = (
    ("lead.email", "email", "Adresse e-mail", True, 0),
    ("lead.first_name", "line", "Prénom", False, 0),
    ("company.name", "line", "Entreprise", False, 0),
    ("answer.message", "text", "Votre message", False, 0),
)


@pytest.fixture
def site(db: None) -> MailSettings:
    """A site whose sender is complete."""
    return set_up(
        sender_name="Claire Dubois",
        sender_email="claire@exemple.fr",
        organisation="Exemple SAS",
        postal_address="12 rue de l’Exemple, 69003 Lyon",
        quiet_from=None,
        quiet_until=None,
    )


@pytest.fixture
def make_form(site: MailSettings, now: datetime) -> Callable[..., Form]:
    """Makes live forms: ``make_form(fields=((target, type, label, required, priority), …), **columns)``."""
    made = 0

    def make(fields: Any = ASKED, **columns: Any) -> Form:
        nonlocal made
        made += 1
        values: dict[str, Any] = {
            "slug": f"guide-{made}",
            "name": "Guide",
            "title": "Recevoir le guide",
            "state": "live",
            "double_opt_in": "nobody",
            "created_at": now,
            "updated_at": now,
        }
        form = Form.objects.create(**(values | columns))
        for place, (target, kind, label, required, priority) in enumerate(fields):
            FormField.objects.create(
                form=form,
                position=place,
                target=target,
                type=kind,
                label=label,
                is_required=required,
                priority=priority,
            )
        return form

    return make


@pytest.fixture
def form(make_form: Callable[..., Form]) -> Form:
    """A live form that asks for an email, a first name, a company and a message."""
    return make_form()


@pytest.fixture
def box(form: Form, now: datetime) -> ConsentWording:
    """The form's box for the newsletter."""
    return add_box(form, "newsletter", now)


def add_box(form: Form, purpose: str, now: datetime) -> ConsentWording:
    """A consent box on a form."""
    wording = ConsentWording.objects.create(
        code=f"{purpose}-{form.slug}",
        purpose=purpose,
        channel="email",
        text="{controller} peut m’écrire.",
        created_at=now,
    )
    FormConsent.objects.create(form=form, wording=wording)
    return wording


@pytest.fixture
def paper(db: None, now: datetime) -> Content:
    """A white paper on a page."""
    return Content.objects.create(
        code="livre-blanc",
        title="Le guide des arrêts de ligne",
        summary="En deux mots.",
        type="white_paper",
        band="tofu",
        is_gated=True,
        url="https://www.exemple.fr/livre-blanc",
        created_at=now,
    )


@pytest.fixture
def newsletter(db: None, now: datetime) -> List:
    """A list to join."""
    return List.objects.create(code="lettre", name="La lettre", created_at=now)


def an_address() -> str:
    """A network of its own: what Redis counted of an earlier test is not this one's."""
    first, second, *_ = uuid4().bytes
    return f"10.{first}.{second}.7"


@dataclass
class Visitor:
    """Somebody at a browser: opens a form, takes their time, fills it in."""

    now: datetime
    client: Client = field(default_factory=lambda: Client(REMOTE_ADDR=an_address()))

    def open(self, form: Form, query: str = "", *, embedded: bool = False, **headers: str) -> HttpResponse:
        """The form's page."""
        with time_machine.travel(self.now, tick=False):
            path = f"/f/{form.slug}/{'embed/' if embedded else ''}{query}"
            return self.client.get(path, headers=headers)  # type: ignore[return-value]

    def fill(
        self,
        form: Form,
        answers: dict[str, Any],
        *,
        page: HttpResponse | None = None,
        after: timedelta = timedelta(seconds=20),
        embedded: bool = False,
        headers: dict[str, str] | None = None,
        **more: Any,
    ) -> HttpResponse:
        """Send the form as the page has it (its token and hidden fields), ``after`` it was opened."""
        page = page or self.open(form, embedded=embedded)
        self.now += after
        data = hidden_fields(page) | answers | more
        with time_machine.travel(self.now, tick=False):
            path = f"/f/{form.slug}/{'embed/' if embedded else ''}"
            return self.client.post(path, data, headers=headers)  # type: ignore[return-value]

    def get(self, path: str) -> HttpResponse:
        with time_machine.travel(self.now, tick=False):
            return self.client.get(path)  # type: ignore[return-value]

    def look(self, path: str) -> HttpResponse:
        """What a scanner does: HEAD."""
        with time_machine.travel(self.now, tick=False):
            return self.client.head(path)  # type: ignore[return-value]

    def press(self, path: str) -> HttpResponse:
        with time_machine.travel(self.now, tick=False):
            return self.client.post(path)  # type: ignore[return-value]

    def work(self) -> int:
        """A worker takes in what was sent."""
        return take_in_due(now=self.now)


def hidden_fields(page: HttpResponse) -> dict[str, str]:
    """The names and values of a page's hidden inputs."""
    html = page.content.decode()
    found = re.findall(r'<input type="hidden" name="([^"]+)"(?: value="([^"]*)")?>', html)
    return {name: unescape(value) for name, value in found}


@pytest.fixture
def visitor(now: datetime) -> Visitor:
    """A stranger."""
    return Visitor(now)


@pytest.fixture
def the_submission(db: None) -> Callable[[], Submission]:
    """The only submission there is."""
    return Submission.objects.get


ANSWERS = {
    "lead.email": "jeanne@acier-dupont.example",
    "lead.first_name": "Jeanne",
    "company.name": "Acier Dupont",
    "answer.message": "Bonjour, pourriez-vous me rappeler au sujet de la ligne 3 ?",
}
