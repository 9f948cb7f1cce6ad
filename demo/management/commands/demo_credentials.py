"""manage.py demo_credentials: whom to sign in as, and the key for a form."""

from __future__ import annotations

from django.conf import settings
from django.core.management.base import BaseCommand

from accounts.models import User
from demo import keys
from demo.people import EMPLOYEES, PASSWORD


class Command(BaseCommand):
    """Prints the demo users and the publishable key."""

    help = "Print the demo users, their password (in demo mode only) and the publishable key."

    def handle(self, *_args: object, **_options: object) -> None:
        """Says what to do where the demonstration is not loaded."""
        present = set(
            User.objects.filter(email__in=[one.email for one in EMPLOYEES]).values_list("email", flat=True)
        )
        if not present:
            self.stdout.write("The demonstration is not loaded: run `manage.py load_demo` first.")
            return
        for employee in EMPLOYEES:
            if employee.email in present:
                name = f"{employee.first_name} {employee.last_name}"
                self.stdout.write(f"  {employee.role.label:<24}{employee.email:<32}{name}")
        if settings.DEMO:
            self.stdout.write(f"  Password of all: {PASSWORD}")
        else:
            self.stdout.write("  They have no password: that exists with ECLUSE_ENV=demo only.")
        self.stdout.write(f"  Publishable key: {keys.value()}")
