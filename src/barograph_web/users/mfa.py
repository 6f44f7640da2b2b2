"""The secrets of second factors are kept encrypted with the application's key, not as plain text."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from functools import cache
from hashlib import sha256

from allauth.mfa.adapter import DefaultMFAAdapter
from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings


@cache
def _cipher(key: str) -> Fernet:
    return Fernet(urlsafe_b64encode(sha256(b"barograph second factors\0" + key.encode()).digest()))


class EncryptingAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    """allauth's adapter with Fernet (AES-128-CBC and HMAC-SHA256) under a key derived from SECRET_KEY."""

    def encrypt(self, text: str) -> str:
        """The text as it is stored."""
        return _cipher(settings.SECRET_KEY).encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """The stored text. After the application's key was lost it is empty, which no code matches: an
        administrator then removes the person's second factor and they set it up again."""
        try:
            return _cipher(settings.SECRET_KEY).decrypt(encrypted_text.encode()).decode()
        except InvalidToken:
            return ""
