"""What the tests of the editor share: a draft, people signed in, and what their forms send."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import pytest
from django.http import HttpResponse
from django.test import Client

from accounts.models import User
from scoring.actions.drafts import open_draft
from scoring.models import RuleSet

Send = Callable[..., HttpResponse]


@pytest.fixture
def draft(db: None, now: datetime) -> RuleSet:
    """A draft like the live template."""
    return open_draft(by=None, now=now)


@pytest.fixture
def signed_in(make_user: Callable[..., User]) -> Callable[..., Client]:
    """A browser of somebody of a role; English unless told otherwise."""

    def sign_in(role: str = "marketer", language: str = "en", **fields: str) -> Client:
        client = Client(headers={"accept-language": language})
        client.force_login(make_user(role, **fields))
        return client

    return sign_in


@pytest.fixture
def send(draft: RuleSet, signed_in: Callable[..., Client]) -> Send:
    """Sends a change of the draft: ``send("groups/intent", "off")``, by one person unless told otherwise."""
    first = signed_in()

    def post(
        at: str,
        verb: str = "save",
        *,
        revision: int | None = None,
        client: Client | None = None,
        **typed: object,
    ) -> HttpResponse:
        draft.refresh_from_db()
        seen = draft.revision if revision is None else revision
        return (client or first).post(
            f"/scoring/drafts/{draft.pk}/change/", {"at": at, "verb": verb, "revision": seen, **typed}
        )

    return post
