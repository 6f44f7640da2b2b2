"""One request against a receiver that fails, hangs, redirects, drips and floods (P5; issue 5, tests)."""

from __future__ import annotations

import time
from collections.abc import Iterator
from ipaddress import ip_network

import pytest

from barograph_web.alerts.addresses import target_of
from barograph_web.alerts.wire import MOST_KEPT, MOST_SENT, Answer, post
from support.web_receiver import Receiver, answers, closes, drips, floods, hangs, receiver, secure_receiver

HERE = (ip_network("127.0.0.0/8"),)
HEADERS = {"Content-Type": "application/json"}


@pytest.fixture
def there() -> Iterator[Receiver]:
    with receiver() as found:
        yield found


def sent(there: Receiver, *, seconds: float = 0.6, body: bytes = b'{"a":1}') -> Answer:
    return post(target_of(there.address), body, HEADERS, allowed=HERE, seconds=seconds, connect_seconds=0.5)


def test_what_arrives(there: Receiver) -> None:
    found = sent(there)
    assert (found.status, found.error, found.text) == (200, "", "ok")
    [request] = there.received
    assert request.line == "POST /hook?team=north HTTP/1.1"
    assert request.headers["host"] == f"127.0.0.1:{there.port}"
    assert request.body == b'{"a":1}'


@pytest.mark.parametrize("status", ["201 Created", "202 Accepted", "204 No Content"])
def test_every_answer_of_two_hundred_is_delivered(there: Receiver, status: str) -> None:
    there.manners = [answers(status, b"")]
    assert sent(there).is_delivered


@pytest.mark.parametrize(
    "status", ["400 Bad Request", "410 Gone", "429 Too Many Requests", "500 Oops", "503 Busy"]
)
def test_an_answer_that_is_an_error(there: Receiver, status: str) -> None:
    there.manners = [answers(status, b"why")]
    found = sent(there)
    assert found.status == int(status[:3])
    assert found.error == f"answered {status}"
    assert found.text == "why"


@pytest.mark.parametrize(
    "status", ["301 Moved", "302 Found", "303 See Other", "307 Temporary", "308 Permanent"]
)
def test_redirects_are_not_followed(there: Receiver, status: str) -> None:
    with receiver() as elsewhere:
        there.manners = [answers(status, b"", f"Location: {elsewhere.address}\r\n")]
        found = sent(there)
        assert "redirects are not followed" in found.error
        assert not elsewhere.received


def test_one_that_hangs_costs_its_time_and_no_more(there: Receiver) -> None:
    there.manners = [hangs(5)]
    began = time.monotonic()
    found = sent(there, seconds=0.3)
    assert time.monotonic() - began < 1.5
    assert (found.status, found.error) == (None, "no whole answer within 0.3 s")


def test_one_that_drips_ends_at_the_deadline(there: Receiver) -> None:
    """Each byte comes within a socket's time-out; together they never would."""
    there.manners = [drips(5)]
    began = time.monotonic()
    found = sent(there, seconds=0.4)
    assert time.monotonic() - began < 1.5
    assert not found.is_delivered
    assert "within 0.4 s" in found.error


def test_one_that_floods_is_read_to_a_limit(there: Receiver) -> None:
    there.manners = [floods]
    found = sent(there, seconds=3)
    assert found.is_delivered
    assert len(found.text) == MOST_KEPT


def test_one_that_closes_and_one_that_is_not_there(there: Receiver) -> None:
    there.manners = [closes]
    assert sent(there).error == "it closed the connection without an answer"
    with receiver() as gone:
        address = gone.address
    found = post(target_of(address), b"{}", HEADERS, allowed=HERE, seconds=0.5)
    assert found.error == "nothing listens there"


def test_one_that_speaks_no_http(there: Receiver) -> None:
    there.manners = [lambda to: to.sendall(b"SSH-2.0-OpenSSH\r\n\r\n")]
    assert "not an HTTP answer" in sent(there).error


def test_headers_without_end(there: Receiver) -> None:
    there.manners = [lambda to: to.sendall(b"HTTP/1.1 200 OK\r\n" + b"X-A: b\r\n" * 5000 + b"\r\n")]
    assert "not an HTTP answer" in sent(there).error


def test_https_to_what_has_no_certificate(there: Receiver) -> None:
    target = target_of(f"https://127.0.0.1:{there.port}/")
    found = post(target, b"{}", HEADERS, allowed=HERE, seconds=1)
    assert found.status is None
    assert "TLS" in found.error or "answer" in found.error


def test_https_is_to_the_name_that_was_asked_for_at_the_address_that_was_judged() -> None:
    """The certificate is checked for the host's name, though the connection goes to a number."""
    with secure_receiver("hooks.example.com") as (there, authority):

        def sent_to(host: str) -> Answer:
            target = target_of(f"https://{host}:{there.port}/x")
            return post(
                target,
                b"{}",
                HEADERS,
                allowed=HERE,
                seconds=2,
                tls=authority,
                resolver=lambda _h, _p: ["127.0.0.1"],
            )

        assert sent_to("hooks.example.com").is_delivered
        assert "certificate is not trusted" in sent_to("other.example.com").error
        target = target_of(f"https://hooks.example.com:{there.port}/x")
        stranger = post(
            target, b"{}", HEADERS, allowed=HERE, seconds=2, resolver=lambda _h, _p: ["127.0.0.1"]
        )
        assert "certificate is not trusted" in stranger.error
        assert len(there.received) == 1


def test_a_private_network_is_not_reached(there: Receiver) -> None:
    found = post(target_of(there.address), b"{}", HEADERS, allowed=(), seconds=1)
    assert "not on the public internet" in found.error
    assert not there.received


def test_a_name_is_resolved_once_and_connected_to_as_it_was_judged(there: Receiver) -> None:
    """DNS rebinding: the second answer of the name server would be another one; it is never asked for."""
    asked: list[str] = []

    def name_server(host: str, _port: int) -> list[str]:
        asked.append(host)
        return ["127.0.0.1"] if len(asked) == 1 else ["169.254.169.254"]

    target = target_of(f"http://hooks.example.com:{there.port}/x")
    found = post(target, b"{}", HEADERS, allowed=HERE, seconds=1, resolver=name_server)
    assert found.is_delivered
    assert asked == ["hooks.example.com"]
    assert there.received[0].headers["host"] == f"hooks.example.com:{there.port}"


def test_a_name_with_a_private_address_among_its_addresses_is_not_reached(there: Receiver) -> None:
    target = target_of(f"https://hooks.example.com:{there.port}/x")
    found = post(
        target, b"{}", HEADERS, allowed=(), seconds=1, resolver=lambda _h, _p: ["8.8.8.8", "10.0.0.1"]
    )
    assert "10.0.0.1" in found.error
    assert not there.received


def test_a_message_that_is_too_long_is_not_sent(there: Receiver) -> None:
    assert "at most" in sent(there, body=b"x" * (MOST_SENT + 1)).error
    assert not there.received
