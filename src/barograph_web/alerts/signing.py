"""Signatures of webhooks, as Standard Webhooks 1.0 defines them, so that receivers can use its libraries.

https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md. The signature is
base64(HMAC-SHA256(key, "{id}.{timestamp}.{body}")); the key is what follows "whsec_" in the secret, base64. During a
rotation the header carries one signature per secret, separated by spaces.
"""

from __future__ import annotations

import base64
import hmac
import secrets
from collections.abc import Mapping, Sequence
from hashlib import sha256

PREFIX = "whsec_"
KEY_BYTES = 32
TOLERANCE = 300
"""Seconds by which a timestamp may differ from the receiver's clock."""


def new_secret() -> str:
    """A secret of 256 random bits."""
    return PREFIX + base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode()


def signature(secret: str, message_id: str, timestamp: int, body: bytes) -> str:
    """One signature: "v1," and base64. Raises ValueError for a secret that is none."""
    signed = f"{message_id}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.digest(_key(secret), signed, sha256)).decode()


def headers(keys: Sequence[str], message_id: str, timestamp: int, body: bytes) -> dict[str, str]:
    """The three headers, signed with every one of `keys`."""
    return {
        "Webhook-Id": message_id,
        "Webhook-Timestamp": str(timestamp),
        "Webhook-Signature": " ".join(signature(key, message_id, timestamp, body) for key in keys),
    }


def is_genuine(secret: str, received: Mapping[str, str], body: bytes, now: int) -> bool:
    """What a receiver checks. received: headers by name in any case; body: as it came, before any parsing; now: Unix
    seconds. False for a missing header, a timestamp more than TOLERANCE away, or no signature that fits."""
    found = {name.lower(): value for name, value in received.items()}
    message_id, timestamp = found.get("webhook-id", ""), found.get("webhook-timestamp", "")
    if not message_id or not timestamp.isdecimal() or abs(now - int(timestamp)) > TOLERANCE:
        return False
    wanted = signature(secret, message_id, int(timestamp), body)
    offered = found.get("webhook-signature", "").split(" ")
    return any(hmac.compare_digest(wanted.encode(), each.encode()) for each in offered)


def _key(secret: str) -> bytes:
    if not secret.startswith(PREFIX):
        raise ValueError(f"a secret begins with {PREFIX}")
    return base64.b64decode(secret.removeprefix(PREFIX), validate=True)
