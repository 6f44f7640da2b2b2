"""Secrets that the application has to read again are kept encrypted under a key derived from SECRET_KEY."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from functools import cache
from hashlib import sha256

from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings


@cache
def _cipher(key: str, purpose: str) -> Fernet:
    return Fernet(urlsafe_b64encode(sha256(f"barograph {purpose}\0{key}".encode()).digest()))


def seal(text: str, purpose: str) -> str:
    """The text as it is stored: Fernet (AES-128-CBC and HMAC-SHA256). purpose: what is sealed for one purpose is not
    opened for another, such as "webhooks"."""
    return _cipher(settings.SECRET_KEY, purpose).encrypt(text.encode()).decode()


def unseal(sealed: str, purpose: str) -> str:
    """The stored text; empty when it was sealed under another key or for another purpose."""
    try:
        return _cipher(settings.SECRET_KEY, purpose).decrypt(sealed.encode()).decode()
    except InvalidToken:
        return ""
