"""People who click: concurrent clients against a running server, and what each page took."""

from __future__ import annotations

import http.client
import random
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np


@dataclass
class Page:
    """What one address took, in milliseconds. server: inside the server; cpu: of a processor, by the server's thread;
    whole: as the client waited for it."""

    name: str
    server: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)
    whole: list[float] = field(default_factory=list)
    bytes: int = 0
    failed: int = 0

    def line(self) -> dict[str, float | str | int]:
        """p50 and p95 in milliseconds, KB as they went over the wire (gzip)."""
        return {
            "page": self.name,
            "n": len(self.server),
            "server p50": percentile(self.server, 50),
            "server p95": percentile(self.server, 95),
            "cpu p50": percentile(self.cpu, 50),
            "cpu p95": percentile(self.cpu, 95),
            "whole p50": percentile(self.whole, 50),
            "whole p95": percentile(self.whole, 95),
            "KB": round(self.bytes / 1024, 1),
            "failed": self.failed,
        }


def percentile(values: Sequence[float], share: float) -> float:
    """Rounded to a tenth; NaN without values."""
    return round(float(np.percentile(values, share)), 1) if values else float("nan")


def click(
    port: int, pages: Mapping[str, tuple[str, str]], *, clients: int, seconds: float, think: float
) -> list[Page]:
    """Have `clients` people open pages at random for so long, each waiting about `think` seconds between two.

    pages: name -> (address, session key).
    """
    found = {name: Page(name) for name in pages}
    lock, until = threading.Lock(), time.monotonic() + seconds

    def person(number: int) -> None:
        chance = random.Random(number)  # noqa: S311 - which page comes next
        names = sorted(pages)
        link = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        time.sleep(chance.random() * think)
        while time.monotonic() < until:
            name = chance.choice(names)
            address, session = pages[name]
            headers = {"Cookie": f"sessionid={session}", "Accept-Encoding": "gzip", "Host": "localhost"}
            if "panel=" in address or "find" in address:
                headers["HX-Request"] = "true"
            began = time.perf_counter()
            try:
                link.request("GET", address, headers=headers)
                answer = link.getresponse()
                body = answer.read()
            except (OSError, http.client.HTTPException):
                with lock:
                    found[name].failed += 1
                link.close()
                continue
            took = (time.perf_counter() - began) * 1000
            timing = answer.headers.get("Server-Timing", "")
            with lock:
                page = found[name]
                if answer.status != 200 or not timing:
                    page.failed += 1
                else:
                    page.whole.append(took)
                    server, cpu = (float(part.partition("dur=")[2]) for part in timing.split(","))
                    page.server.append(server)
                    page.cpu.append(cpu)
                    page.bytes = len(body)
            time.sleep(think * (0.5 + chance.random()))

    threads = [threading.Thread(target=person, args=(n,)) for n in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return list(found.values())
