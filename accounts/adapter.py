"""How people sign in: nobody signs up by themselves."""

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest


class StaffOnlyAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth ships no types
    """Users are created by an administrator; the sign-up page is closed."""

    def is_open_for_signup(self, _request: HttpRequest) -> bool:
        """Never: a stranger has no business in here."""
        return False
