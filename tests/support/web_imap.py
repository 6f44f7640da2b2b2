"""A small IMAP server in a thread: one folder of mails, which a client may search, fetch headers of, and mark."""

from __future__ import annotations

import re
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager


class Box:
    """Mails by number, those that are seen, and what the client asked for. `drop_before_mark`: hang up then."""

    def __init__(self, *mails: str) -> None:
        self.mails = {number: mail.replace("\n", "\r\n").encode() for number, mail in enumerate(mails, 1)}
        self.seen: set[int] = set()
        self.asked: list[str] = []
        self.drop_before_mark = False
        self.port = 0


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True


@contextmanager
def serving(box: Box) -> Iterator[Box]:
    """Serve the box on a free port of this machine (`box.port`)."""

    class Handler(socketserver.StreamRequestHandler):
        def say(self, line: str) -> None:
            self.wfile.write(line.encode() + b"\r\n")

        def handle(self) -> None:
            self.say("* OK ready")
            for raw in self.rfile:
                line = raw.decode().strip()
                tag, _, rest = line.partition(" ")
                box.asked.append(rest)
                if not self.answer(tag, rest):
                    return

        def answer(self, tag: str, rest: str) -> bool:
            word = rest.upper()
            if word.startswith("CAPABILITY"):
                self.say("* CAPABILITY IMAP4rev1")
            elif word.startswith("LOGIN") and "secret" not in rest:
                self.say(f"{tag} NO wrong password")
                return True
            elif word.startswith("SELECT"):
                self.say(f"* {len(box.mails)} EXISTS")
            elif word.startswith("UID SEARCH"):
                self.say("* SEARCH " + " ".join(str(n) for n in box.mails if n not in box.seen))
            elif word.startswith("UID FETCH"):
                number = int(rest.split()[2])
                head = box.mails[number].split(b"\r\n\r\n")[0] + b"\r\n\r\n"
                self.say(f"* {number} FETCH (UID {number} BODY[HEADER.FIELDS] {{{len(head)}}}")
                self.wfile.write(head + b")\r\n")
            elif word.startswith("UID STORE"):
                if box.drop_before_mark:
                    return False
                box.seen.add(int(re.findall(r"\d+", rest)[0]))
            self.say(f"{tag} OK done")
            return not word.startswith("LOGOUT")

    with _Server(("127.0.0.1", 0), Handler) as server:
        box.port = server.server_address[1]
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        try:
            yield box
        finally:
            server.shutdown()
