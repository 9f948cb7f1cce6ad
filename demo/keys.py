"""The publishable key of the demonstration's site: always the same, so that an example can be copied."""

from __future__ import annotations

from hashlib import sha256

from django.conf import settings

from accounts.actions import create_api_key
from accounts.models import ApiKey
from demo.company import SITE

NAME = "Site de démonstration"


def value() -> str:
    """The key, drawn from the installation's secret key: fixed in demo mode, where that one is fixed."""
    secret = sha256(f"demo publishable key {settings.SECRET_KEY}".encode()).hexdigest()
    return f"demo{secret[:4]}.{secret[8:40]}"


def make() -> ApiKey:
    """The demo site's publishable key. Its page may be served from anywhere on this machine."""
    origins = [SITE, settings.SITE_URL, "http://localhost:8000", "http://127.0.0.1:8000"]
    key, _drawn = create_api_key(
        name=NAME, kind=ApiKey.Kind.PUBLISHABLE, site="www.valbrume.example", origins=sorted(set(origins))
    )
    chosen = value()
    prefix, hashed = chosen.split(".")[0], ApiKey.objects.key_generator.hash(chosen)
    ApiKey.objects.filter(pk=key.pk).update(
        id=f"{prefix}.{hashed}", prefix=prefix, hashed_key=hashed, public_value=chosen
    )
    made: ApiKey = ApiKey.objects.get(prefix=prefix)
    return made
