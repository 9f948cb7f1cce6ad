"""What the tests of the sections share: a draft, and somebody who may edit it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import pytest
from django.http import HttpResponse
from django.test import Client

from accounts.models import User
from scoring.actions.drafts import open_draft
from scoring.models import RuleSet

Post = Callable[..., HttpResponse]


@pytest.fixture
def draft(db: None, now: datetime) -> RuleSet:
    """A draft like the live template."""
    return open_draft(by=None, now=now)


@pytest.fixture
def client_of(make_user: Callable[..., User]) -> Callable[[str], Client]:
    """A browser of somebody of a role, in English."""

    def sign_in(role: str = "marketer", **fields: str) -> Client:
        client = Client(headers={"accept-language": "en"})
        client.force_login(make_user(role, **fields))
        return client

    return sign_in


@pytest.fixture
def post(draft: RuleSet, client_of: Callable[..., Client]) -> Post:
    """Posts to a part of the draft as of its present revision: ``post("gates/mql/keep/")``."""
    marketer = client_of()

    def send(path: str, revision: int | None = None, **typed: object) -> HttpResponse:
        draft.refresh_from_db()
        seen = draft.revision if revision is None else revision
        answer = marketer.post(f"/scoring/drafts/{draft.pk}/{path}", {"revision": seen, **typed})
        draft.refresh_from_db()
        return answer  # type: ignore[return-value]

    return send
