"""Social selling: messages are noted once, tell scoring, and are a first contact."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from django.test import Client

from funnel.actions.social import log_social, network_of, set_profile
from funnel.models import Network, Rep, SocialMessage, Standing, Task
from funnel.refusals import Incomplete, NotYours
from funnel.work import Direction
from leads.models import Event


@pytest.fixture
def sal(make_rep: Callable[..., Rep], make_sal: Callable[..., Standing]) -> Standing:
    """A lead that a rep works."""
    make_rep()
    return make_sal()


def test_a_message_is_noted_once_and_is_a_first_contact(sal: Standing, now: datetime) -> None:
    assert sal.rep
    key = uuid4()
    for _ in range(2):
        log_social(
            lead=sal.lead, by=sal.rep.user, now=now, network="linkedin", direction=Direction.OUT, key=key
        )
    assert SocialMessage.objects.count() == 1
    assert Event.objects.filter(lead=sal.lead, kind__code="social_message_sent").count() == 1
    assert not Task.objects.filter(lead=sal.lead, is_first_contact=True, done_at=None).exists()


def test_a_reply_is_an_act_of_the_lead(sal: Standing, now: datetime) -> None:
    assert sal.rep
    log_social(lead=sal.lead, by=sal.rep.user, now=now, network="x", direction=Direction.IN)
    assert Event.objects.get(lead=sal.lead, kind__code="social_replied").properties["network"] == "x"


def test_what_is_refused(sal: Standing, now: datetime, make_rep: Callable[..., Rep]) -> None:
    assert sal.rep
    with pytest.raises(NotYours):
        log_social(lead=sal.lead, by=make_rep().user, now=now, network="x", direction=Direction.IN)
    with pytest.raises(Incomplete):
        log_social(
            lead=sal.lead,
            by=sal.rep.user,
            now=now,
            network="x",
            direction=Direction.IN,
            at=now - timedelta(days=31),
        )
    with pytest.raises(Incomplete):
        set_profile(lead=sal.lead, by=sal.rep.user, now=now, url="javascript:alert(1)")


@pytest.mark.parametrize(
    ("host", "network"),
    [
        ("fr.linkedin.com", Network.LINKEDIN),
        ("linkedin.com.evil.example", Network.OTHER),
        ("twitter.com", Network.X),
        ("notx.com", Network.OTHER),
    ],
)
def test_networks_are_known_by_their_site(host: str, network: Network) -> None:
    assert network_of(host) is network


def test_the_pages(sal: Standing, client: Client) -> None:
    assert sal.rep
    client.force_login(sal.rep.user)
    typed = {"key": str(uuid4()), "direction": "out", "network": "linkedin", "note": "Bonjour"}
    assert client.post(f"/my-leads/{sal.lead.public_id}/messages/", typed).status_code == 302
    url = "https://www.linkedin.com/in/jeanne"
    assert client.post(f"/my-leads/{sal.lead.public_id}/profiles/", {"url": url}).status_code == 302
    sal.lead.refresh_from_db()
    assert sal.lead.social == {"linkedin": url}
    page = client.get(f"/my-leads/{sal.lead.public_id}/").content.decode()
    assert url in page
    assert "Bonjour" in page
