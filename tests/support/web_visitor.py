"""A browser without pictures, for tests with real processes."""

from __future__ import annotations

from http.client import HTTPConnection
from urllib.parse import urlencode, urlsplit

from support.web_people import PASSWORD


class Visitor:
    """One browser without pictures: keeps its cookies, sends forms with the token of its session."""

    def __init__(self, url: str, email: str, password: str = PASSWORD) -> None:
        parts = urlsplit(url)
        self.host, self.port = str(parts.hostname), int(parts.port or 80)
        self.origin = url
        self.cookies: dict[str, str] = {}
        assert self.ask("GET", "/sign-in/login/")[0] == 200
        status, body = self.post("/sign-in/login/", login=email, password=password)
        assert status == 302, body[:2000]

    def ask(self, method: str, path: str, fields: dict[str, str] | None = None) -> tuple[int, str]:
        """Status and text. Redirects are not followed."""
        connection = HTTPConnection(self.host, self.port, timeout=60)
        headers = {"Cookie": "; ".join(f"{k}={v}" for k, v in self.cookies.items()), "Origin": self.origin}
        body = None
        if fields is not None:
            body = urlencode(fields)
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        try:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            text = answer.read().decode(errors="replace")
            for line in answer.headers.get_all("Set-Cookie") or ():
                name, _, value = line.split(";", 1)[0].partition("=")
                self.cookies[name] = value
            return answer.status, text
        finally:
            connection.close()

    def post(self, path: str, **fields: str) -> tuple[int, str]:
        """Send a form, with the token that the cookie names."""
        return self.ask("POST", path, fields | {"csrfmiddlewaretoken": self.cookies["csrftoken"]})
