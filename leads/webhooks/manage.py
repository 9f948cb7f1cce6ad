"""What people do with webhooks: make, change, stop, try them, and send a message again."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext

from accounts.models import User
from leads.bell import ring
from leads.kinds import BY_CODE
from leads.models import EventKind, Webhook, WebhookDelivery
from leads.normalise import clean_line
from leads.webhooks.outbox import forget
from leads.webhooks.outgoing import Blocked, check_url
from leads.webhooks.signing import new_secret

FORMER_SECRET_FOR = timedelta(hours=24)
TEST_KIND = "webhook_test"


class Refused(ValueError):
    """This cannot be done; ``field`` is what is wrong, the text says what to do."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


@transaction.atomic
def save_webhook(
    *,
    name: str,
    url: str,
    kinds: Iterable[str],
    now: datetime,
    by: User | None = None,
    webhook: Webhook | None = None,
) -> Webhook:
    """Make a webhook, or change the given one. Raises Refused for an address or events that cannot be."""
    webhook = webhook or Webhook(secret=new_secret(), created_by=by, created_at=now)
    webhook.name = clean_line(name)[:80] or gettext("Webhook")
    webhook.url = _checked_url(url)
    webhook.kinds = _checked_kinds(kinds)
    webhook.save()
    transaction.on_commit(forget)
    return webhook


def _checked_url(url: str) -> str:
    url = url.strip()
    try:
        check_url(url, private_hosts=settings.WEBHOOK_PRIVATE_HOSTS)
    except Blocked as blocked:
        raise Refused("url", str(blocked)) from blocked
    if len(url) > 500:
        raise Refused("url", gettext("The address is too long."))
    return url


def _checked_kinds(kinds: Iterable[str]) -> list[str]:
    wanted = sorted(set(kinds))
    unknown = set(wanted) - BY_CODE.keys() - set(_custom_codes(wanted))
    if unknown:
        names = ", ".join(sorted(unknown)[:5])
        raise Refused("kinds", gettext("There is no such kind of event: %(names)s.") % {"names": names})
    if not wanted:
        raise Refused("kinds", gettext("Choose at least one kind of event."))
    return wanted


def _custom_codes(codes: Iterable[str]) -> Iterable[str]:
    return EventKind.objects.filter(code__in=codes).values_list("code", flat=True)


@transaction.atomic
def change_secret(*, webhook: Webhook, now: datetime) -> Webhook:
    """Sign with a new secret from now on; the former one signs as well for a day."""
    webhook.former_secret, webhook.former_until = webhook.secret, now + FORMER_SECRET_FOR
    webhook.secret = new_secret()
    webhook.save(update_fields=["secret", "former_secret", "former_until"])
    return webhook


@transaction.atomic
def stop(*, webhook: Webhook) -> None:
    """Send nothing more; what waits goes on waiting."""
    Webhook.objects.filter(pk=webhook.pk, stopped="").update(stopped=Webhook.Stopped.BY_HAND)
    transaction.on_commit(forget)


@transaction.atomic
def start(*, webhook: Webhook) -> None:
    """Send again, what waited first."""
    Webhook.objects.filter(pk=webhook.pk).update(stopped="", failing_since=None)
    transaction.on_commit(forget)
    ring("jobs")


@transaction.atomic
def delete(*, webhook: Webhook) -> None:
    """Forget it, with its log."""
    webhook.delete()
    transaction.on_commit(forget)


@transaction.atomic
def send_test(*, webhook: Webhook, now: datetime) -> WebhookDelivery:
    """Have a message sent that says nothing about anybody."""
    delivery = WebhookDelivery.objects.create(
        webhook=webhook, kind=TEST_KIND, event={"occurred_at": now.isoformat()}, created_at=now, due_at=now
    )
    ring("jobs")
    return delivery


@transaction.atomic
def send_again(*, delivery: WebhookDelivery, now: datetime) -> None:
    """Try a message once more at once, also one that was given up."""
    delivery.state, delivery.due_at, delivery.attempts = WebhookDelivery.State.WAITING, now, 0
    delivery.save(update_fields=["state", "due_at", "attempts"])
    ring("jobs")
