"""A receiver of webhooks on this machine that behaves as badly as it is told, and one for mail."""

from __future__ import annotations

import socket
import socketserver
import ssl
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import Message
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

NOW = datetime(2026, 11, 16, 8, 0, tzinfo=UTC)
"""A Monday."""

Manner = Callable[[socket.socket], None]
"""What is sent back once the request was read."""


def answers(status: str = "200 OK", body: bytes = b"ok", headers: str = "") -> Manner:
    """A whole answer."""

    def send(to: socket.socket) -> None:
        to.sendall(f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n{headers}\r\n".encode() + body)

    return send


def drips(seconds: float) -> Manner:
    """An answer whose headers come a byte every twentieth of a second, for longer than anybody waits."""

    def send(to: socket.socket) -> None:
        to.sendall(b"HTTP/1.1 200 OK\r\n")
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            to.sendall(b"X")
            time.sleep(0.05)

    return send


def hangs(seconds: float) -> Manner:
    """Nothing for a while."""
    return lambda _to: time.sleep(seconds)


def closes(_to: socket.socket) -> None:
    """The connection ends without an answer."""


def floods(to: socket.socket) -> None:
    """An answer without end."""
    to.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n")
    for _ in range(10_000):
        to.sendall(b"x" * 65536)


@dataclass
class Received:
    """One request."""

    line: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Receiver:
    """Where it listens, what came, and how it answers next (the last manner stays)."""

    port: int
    manners: list[Manner] = field(default_factory=lambda: [answers()])
    received: list[Received] = field(default_factory=list)
    sent_back: list[int] = field(default_factory=list)

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook?team=north"

    def next_manner(self) -> Manner:
        return self.manners.pop(0) if len(self.manners) > 1 else self.manners[0]


@contextmanager
def receiver() -> Iterator[Receiver]:
    """Runs one in a thread."""
    with _receiving(None) as found:
        yield found


@contextmanager
def secure_receiver(host: str) -> Iterator[tuple[Receiver, ssl.SSLContext]]:
    """One behind TLS with a certificate for `host`, and a sender's context that trusts it."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "both.pem"
        file.write_bytes(_certificate(host))
        server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        server.load_cert_chain(file)
        sender = ssl.create_default_context(cafile=str(file))
        with _receiving(server) as found:
            yield found, sender


@contextmanager
def _receiving(tls: ssl.SSLContext | None) -> Iterator[Receiver]:
    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            try:
                connection = self.request if tls is None else tls.wrap_socket(self.request, server_side=True)
            except OSError:
                return  # the sender did not trust it
            found = _request(connection)
            if found is not None:
                kept.received.append(found)
                try:
                    kept.next_manner()(connection)
                except OSError:
                    kept.sent_back.append(len(kept.received))  # the sender had enough

    with _serving(Handler) as port:
        kept = Receiver(port)
        yield kept


def _certificate(host: str) -> bytes:
    """A key and a certificate that it signed itself, for a day, as PEM."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return private + made.public_bytes(serialization.Encoding.PEM)


def _request(connection: socket.socket) -> Received | None:
    stream = connection.makefile("rb")
    line = stream.readline().decode("latin-1").strip()
    if not line:
        return None
    headers: dict[str, str] = {}
    while (text := stream.readline().decode("latin-1").strip()) != "":
        name, _, value = text.partition(":")
        headers[name.strip().lower()] = value.strip()
    return Received(line, headers, stream.read(int(headers.get("content-length", 0))))


@dataclass
class Mailbox:
    """A mail server's port and what it took; refuse: what it answers to a recipient instead of taking it."""

    port: int
    mails: list[Message] = field(default_factory=list)
    refuse: str = ""
    drop_after_data: int = 0
    """So many connections end right after the mail was taken, before the answer."""


@contextmanager
def mail_server() -> Iterator[Mailbox]:
    """A small SMTP server in a thread (RFC 5321: EHLO, MAIL, RCPT, DATA, RSET, QUIT)."""

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            self._say("220 test")
            while line := self.rfile.readline():
                verb = line.strip().upper().split(b" ")[0].split(b":")[0]
                if verb == b"RCPT" and box.refuse:
                    self._say(box.refuse)
                elif verb == b"DATA":
                    self._say("354 go on")
                    box.mails.append(message_from_bytes(self._data()))
                    if box.drop_after_data:
                        box.drop_after_data -= 1
                        return
                    self._say("250 taken")
                elif verb == b"QUIT":
                    self._say("221 bye")
                    return
                else:
                    self._say("250 yes")

        def _data(self) -> bytes:
            lines = []
            while (line := self.rfile.readline()) not in (b".\r\n", b""):
                lines.append(line[1:] if line.startswith(b"..") else line)
            return b"".join(lines)

        def _say(self, text: str) -> None:
            self.wfile.write(text.encode() + b"\r\n")

    with _serving(Handler) as port:
        box = Mailbox(port)
        yield box


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    block_on_close = False

    def handle_error(self, request: object, client_address: object) -> None:
        """A sender that went away is what the tests are about."""


@contextmanager
def _serving(handler: type[socketserver.BaseRequestHandler]) -> Iterator[int]:
    server = _Server(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()
        thread.join(timeout=5)
