"""One POST to an address that was judged: no redirect followed, time and size bounded, no proxy, no cookies.

http.client does what is asked and nothing else, which is what is wanted here.
"""

from __future__ import annotations

import http.client
import socket
import ssl
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from barograph.errors import UsageError
from barograph_web.alerts.addresses import Address, Network, Resolver, Target, resolve

MOST_READ = 16 * 1024
"""Bytes of an answer that are read."""
MOST_KEPT = 1000
MOST_SENT = 256 * 1024


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of one request. status: None when there was no answer; error: why it does not count as delivered,
    empty when it does; text: the beginning of the answer."""

    status: int | None
    error: str
    text: str
    milliseconds: int

    @property
    def is_delivered(self) -> bool:
        return not self.error


def post(
    target: Target,
    body: bytes,
    headers: Mapping[str, str],
    *,
    allowed: Sequence[Network],
    connect_seconds: float = 5.0,
    seconds: float = 10.0,
    resolver: Resolver | None = None,
    tls: ssl.SSLContext | None = None,
) -> Answer:
    """Send `body` and say what came of it; raises nothing that the receiver could cause.

    Delivered is an answer of 200 to 299. seconds: for all of it, from the first attempt to connect to the end of the
    answer, however slowly it comes. allowed: private networks that may be reached.
    """
    began = time.monotonic()

    def told(status: int | None, error: str, text: str = "") -> Answer:
        return Answer(status, error[:400], text, round((time.monotonic() - began) * 1000))

    if len(body) > MOST_SENT:
        return told(None, f"the message has {len(body):,} bytes; at most {MOST_SENT:,} are sent")
    try:
        addresses = resolve(target, allowed, resolver=resolver, seconds=connect_seconds)
    except UsageError as error:
        return told(None, str(error))
    except OSError as error:
        return told(None, f"{target.host} could not be resolved: {error.strerror or error}")
    connection = _Pinned(target, addresses, began + seconds, connect_seconds, tls)
    try:
        connection.request("POST", target.path, body=body, headers=dict(headers))
        response = connection.getresponse()
        text = response.read(MOST_READ)[:MOST_KEPT].decode("utf-8", "replace").replace("\x00", "")
        if connection.is_late:
            return told(None, f"no whole answer within {seconds:g} s")
        return told(response.status, _judged(response), text)
    except (OSError, http.client.HTTPException, ValueError) as error:
        if connection.is_late or isinstance(error, TimeoutError):
            return told(None, f"no whole answer within {seconds:g} s")
        return told(None, _words(error))
    finally:
        connection.close()


def _judged(response: http.client.HTTPResponse) -> str:
    if 200 <= response.status < 300:
        return ""
    if 300 <= response.status < 400:
        return f"answered {response.status}: redirects are not followed; give the address that it leads to"
    return f"answered {response.status} {response.reason}".strip()


def _words(error: Exception) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate is not trusted: {error.verify_message}"
    if isinstance(error, ssl.SSLError):
        return f"TLS failed: {error.reason or error}"
    if isinstance(error, http.client.RemoteDisconnected):
        return "it closed the connection without an answer"
    if isinstance(error, ConnectionRefusedError):
        return "nothing listens there"
    if isinstance(error, OSError):
        return error.strerror or str(error) or type(error).__name__
    return f"not an HTTP answer ({type(error).__name__})"


class _Pinned(http.client.HTTPConnection):
    """A connection to one of the judged addresses, under the host's name for TLS and the Host header.

    At the deadline a timer shuts the socket down, so that an answer that drips byte by byte ends as well: a socket's
    own time-out begins anew with every byte.
    """

    def __init__(
        self,
        target: Target,
        addresses: Sequence[Address],
        deadline: float,
        connect_seconds: float,
        tls: ssl.SSLContext | None,
    ) -> None:
        super().__init__(target.host, target.port)
        # http.client writes ":port" into the Host header unless it is the default of the class.
        self.default_port = 443 if target.is_https else 80
        self._target = target
        self._addresses = addresses
        self._deadline = deadline
        self._connect_seconds = connect_seconds
        self._tls = (tls or ssl.create_default_context()) if target.is_https else None
        self._timer: threading.Timer | None = None
        self._twin: socket.socket | None = None
        self.is_late = False

    def connect(self) -> None:
        raw = self._reach()
        self._twin = raw.dup()
        self._timer = threading.Timer(max(0.0, self._deadline - time.monotonic()), self._end)
        self._timer.daemon = True
        self._timer.start()
        raw.settimeout(max(0.1, self._deadline - time.monotonic()))
        try:
            self.sock = (
                raw if self._tls is None else self._tls.wrap_socket(raw, server_hostname=self._target.host)
            )
        except BaseException:
            raw.close()
            raise

    def close(self) -> None:
        super().close()
        if self._timer is not None:
            self._timer.cancel()
        if self._twin is not None:
            self._twin.close()
            self._twin = None

    def _reach(self) -> socket.socket:
        last: OSError = OSError("no address")
        for address in self._addresses:
            left = min(self._connect_seconds, self._deadline - time.monotonic())
            if left <= 0:
                break
            try:
                return socket.create_connection((str(address), self._target.port), timeout=left)
            except OSError as error:
                last = error
        raise last

    def _end(self) -> None:
        self.is_late = True
        twin = self._twin
        if twin is not None:
            try:
                twin.shutdown(socket.SHUT_RDWR)
            except OSError:
                return  # it ended by itself in this moment
