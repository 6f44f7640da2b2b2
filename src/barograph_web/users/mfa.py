"""The secrets of second factors are kept encrypted with the application's key, not as plain text."""

from __future__ import annotations

from allauth.mfa.adapter import DefaultMFAAdapter

from barograph_web.users.sealing import seal, unseal

PURPOSE = "second factors"


class EncryptingAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    """allauth's adapter with sealed secrets."""

    def encrypt(self, text: str) -> str:
        """The text as it is stored."""
        return seal(text, PURPOSE)

    def decrypt(self, encrypted_text: str) -> str:
        """The stored text. After the application's key was lost it is empty, which no code matches: an
        administrator then removes the person's second factor and they set it up again."""
        return unseal(encrypted_text, PURPOSE)
