"""Decide by hand about a message nobody knows the fate of."""

from __future__ import annotations

from argparse import ArgumentParser

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from accounts.models import User
from nurturing.actions.decide import NotUnknown, decide
from nurturing.models import Message, MessageDecision


class Command(BaseCommand):
    """``decide_message 12 send_again --by anna@example.com --note "She says that nothing came"``."""

    help = "Send an unknown message again, take it as sent, or give it up; who decided and why is kept."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The message, the verdict, who and why."""
        parser.add_argument("message", type=int)
        parser.add_argument("verdict", choices=[verdict for verdict, _ in MessageDecision.VERDICTS])
        parser.add_argument("--by", required=True, help="the email of the user who decides")
        parser.add_argument("--note", required=True, help="why")

    def handle(self, *, message: int, verdict: str, by: str, note: str, **_: object) -> None:
        """Decide, or say what is in the way."""
        try:
            user = User.objects.get(email=by, is_active=True)
            decided = decide(message_id=message, verdict=verdict, by=user, note=note, now=timezone.now())
        except (User.DoesNotExist, Message.DoesNotExist, ValueError) as error:
            raise CommandError(str(error)) from error
        except NotUnknown as error:
            raise CommandError(f"message {message} is not to be decided: it is {error}") from error
        self.stdout.write(f"{decided}: {decided.state}")
