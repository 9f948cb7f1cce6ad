"""Keyed fingerprints of addresses: what the list of objections keeps instead of the addresses."""

import hmac
from hashlib import sha256

from django.conf import settings


def fingerprint(address: str) -> str:
    """HMAC-SHA256 of a normalised email or E.164 number, hexadecimal.

    Keyed, because a bare SHA-256 of an email is found again with a dictionary (privacy bar 5.6).
    """
    return hmac.new(settings.FINGERPRINT_KEY.encode(), address.encode(), sha256).hexdigest()
