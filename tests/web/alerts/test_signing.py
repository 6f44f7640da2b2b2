"""Signatures of webhooks (P5, X1). Truth: the published vector of Standard Webhooks, OpenSSL as an independent
implementation, and the example of docs/guides/alerts.md, which is run."""

from __future__ import annotations

import base64
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from barograph_web.alerts import signing

GUIDE = Path(__file__).parents[3] / "docs" / "guides" / "alerts.md"
VECTOR = {
    "secret": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
    "id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
    "at": 1614265330,
    "body": b'{"test": 2432232314}',
    "signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
}
"""The vector that the libraries of Standard Webhooks test themselves with."""


def test_it_signs_as_the_specification_says() -> None:
    made = signing.signature(VECTOR["secret"], VECTOR["id"], VECTOR["at"], VECTOR["body"])
    assert made == VECTOR["signature"]


@pytest.mark.skipif(shutil.which("openssl") is None, reason="needs openssl")
def test_openssl_comes_to_the_same_signature() -> None:
    secret = signing.new_secret()
    key = base64.b64decode(secret.removeprefix("whsec_"))
    body = '{"name":"Zürich & Söhne"}'.encode()
    found = subprocess.run(
        ["openssl", "dgst", "-sha256", "-mac", "HMAC", "-macopt", f"hexkey:{key.hex()}", "-binary"],
        input=b"an-id.1700000000." + body,
        capture_output=True,
        check=True,
    )
    made = signing.signature(secret, "an-id", 1_700_000_000, body)
    assert made == "v1," + base64.b64encode(found.stdout).decode()


@given(
    body=st.binary(max_size=200),
    change=st.integers(0, 255),
    place=st.integers(0, 199),
    late=st.integers(-900, 900),
)
def test_a_receiver_takes_what_was_sent_and_nothing_else(
    body: bytes, change: int, place: int, late: int
) -> None:
    secret, now = VECTOR["secret"], 1_700_000_000
    sent = signing.headers([secret], "an-id", now, body)
    assert signing.is_genuine(secret, sent, body, now + late) == (abs(late) <= signing.TOLERANCE)
    other = bytearray(body or b"\0")
    other[place % len(other)] = change
    if bytes(other) != body:
        assert not signing.is_genuine(secret, sent, bytes(other), now)
    assert not signing.is_genuine(secret, {**sent, "Webhook-Timestamp": str(now + 1)}, body, now)
    assert not signing.is_genuine(secret, {**sent, "Webhook-Id": "another"}, body, now)
    assert not signing.is_genuine(signing.new_secret(), sent, body, now)


def test_during_a_rotation_both_secrets_verify() -> None:
    old, new, body = signing.new_secret(), signing.new_secret(), b"{}"
    sent = signing.headers([new, old], "an-id", 1_700_000_000, body)
    assert signing.is_genuine(old, sent, body, 1_700_000_000)
    assert signing.is_genuine(new, sent, body, 1_700_000_000)


def test_headers_that_lack_something_are_refused() -> None:
    sent = signing.headers([VECTOR["secret"]], "an-id", 5, b"{}")
    for name in sent:
        assert not signing.is_genuine(
            VECTOR["secret"], {k: v for k, v in sent.items() if k != name}, b"{}", 5
        )
    assert not signing.is_genuine(VECTOR["secret"], {**sent, "Webhook-Timestamp": "soon"}, b"{}", 5)


def test_a_secret_has_256_bits_and_is_never_the_same() -> None:
    made = {signing.new_secret() for _ in range(50)}
    assert len(made) == 50
    assert {len(base64.b64decode(one.removeprefix("whsec_"))) for one in made} == {32}
    with pytest.raises(ValueError, match="whsec_"):
        signing.signature("no-secret", "an-id", 1, b"")


def test_the_example_of_the_guide_verifies_what_is_sent() -> None:
    """The guide's own lines, with nothing of ours in their namespace."""
    [code] = re.findall(r"```python\n(.*?)```", GUIDE.read_text(encoding="utf-8"), flags=re.DOTALL)
    assert "import barograph" not in code and "from barograph" not in code, "a receiver has none of our code"
    names: dict[str, object] = {}
    exec(compile(code, str(GUIDE), "exec"), names)  # noqa: S102 - the documentation is what is tested
    verify = names["is_from_barograph"]
    secret, body = signing.new_secret(), b'{"type":"tier.changed"}'
    sent = {k.lower(): v for k, v in signing.headers([secret], "an-id", 1_700_000_000, body).items()}
    assert verify(secret, sent, body, now=1_700_000_100)  # type: ignore[operator]
    assert not verify(secret, sent, body + b" ", now=1_700_000_100)  # type: ignore[operator]
    assert not verify(secret, sent, body, now=1_700_000_400)  # type: ignore[operator]
    assert not verify(signing.new_secret(), sent, body, now=1_700_000_100)  # type: ignore[operator]
