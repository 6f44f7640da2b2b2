"""Customer touches from mails that people copy to the workspace's address (setting `touch_mailbox`).

A mail from one of us to a contact of an account is a touch of that account by its sender. Only headers are fetched:
Message-ID, date, sender, receivers and subject; of the text nothing is read or kept. A mail is written down by its
Message-ID in the transaction that logs its touches, and marked as seen afterwards: killed in between, it is found
again and changes nothing.
"""

from __future__ import annotations

import hashlib
import imaplib
import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from email import policy
from email.header import decode_header, make_header
from email.parser import BytesHeaderParser
from email.utils import getaddresses, parsedate_to_datetime
from urllib.parse import unquote, urlsplit

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Q

from barograph.errors import UsageError
from barograph_web.plays.models import ReceivedMail, TouchKind
from barograph_web.plays.services_touches import log_touch
from barograph_web.portfolio.models import AccountFact, FactKind
from barograph_web.users.models import User

LOG = logging.getLogger("barograph.mail")
SECONDS = 15.0
"""How long the server may take for an answer."""
AT_MOST = 200
"""Mails of one look; the rest is read in the next."""
WANTED = "(BODY.PEEK[HEADER.FIELDS (MESSAGE-ID DATE FROM TO CC SUBJECT)])"
SHARED_DOMAINS = re.compile(
    r"^(gmail|googlemail|outlook|hotmail|live|yahoo|icloud|me|aol|gmx|web|proton|protonmail|mail)\.[a-z.]+$"
)
"""Domains of mail providers: who writes from one belongs to no company by it."""


@dataclass(frozen=True, slots=True)
class Headers:
    """What is kept of a mail while it is looked at. sender, receivers: addresses in lower case."""

    message_id: str
    at: datetime | None
    sender: str
    receivers: tuple[str, ...]
    subject: str


def look_into_box(now: datetime) -> int:
    """Log the touches of the mails that nobody has seen; how many touches are new. 0 without a mailbox.

    A server that does not answer is said in the log; its mails are read at the next look.
    """
    address = settings.OPTIONS_IN_FORCE.touch_mailbox
    if not address:
        return 0
    made = 0
    try:
        with _opened(address) as box:
            _, found = box.uid("SEARCH", "UNSEEN")
            numbers = (found[0] or b"").split()[:AT_MOST] if found else []
            for number in numbers:
                headers = _fetched(box, number.decode())
                if headers is not None:
                    made += take_in(headers, now)
                box.uid("STORE", number.decode(), "+FLAGS", r"(\Seen)")
    except (OSError, imaplib.IMAP4.error) as error:
        LOG.warning("the box of customer touches was not read", extra={"why": type(error).__name__})
    return made


def take_in(headers: Headers, now: datetime) -> int:
    """Log the touches of one mail, once by its Message-ID; how many. None for a mail that none of us sent."""
    if ReceivedMail.objects.filter(message_id=headers.message_id).exists():
        return 0
    by = User.objects.filter(email__iexact=headers.sender, is_active=True).first()
    ours = by is not None or _domain(headers.sender) in settings.OPTIONS_IN_FORCE.touch_mail_domains
    accounts = sorted(accounts_of(headers.receivers)) if ours else []
    at = headers.at if headers.at is not None and headers.at <= now else now
    mark = hashlib.sha256(headers.message_id.encode()).hexdigest()[:32]
    try:
        with transaction.atomic():
            ReceivedMail.objects.create(
                message_id=headers.message_id, sent_at=headers.at, accounts=len(accounts), at=now
            )
            for account_id in accounts:
                log_touch(
                    account_id, kind=TouchKind.EMAIL, at=at, by=by, note=headers.subject, source="mail",
                    external_id=f"mail/{mark}/{account_id}", now=now,
                )  # fmt: skip
    except IntegrityError:
        return 0  # another worker had the mail in the same instant
    return len(accounts)


def accounts_of(addresses: tuple[str, ...]) -> set[str]:
    """The accounts that addresses belong to: those of which they are a contact; else the one account that all
    contacts of their domain belong to. Addresses of users and of mail providers' domains say nothing by domain."""
    users = set(User.objects.filter(email__in=addresses).values_list("email", flat=True))
    outside = [address for address in addresses if address not in users]
    domains = {_domain(address) for address in outside} - {""}
    if not domains:
        return set()
    wanted = Q()
    for domain in domains:
        wanted |= Q(data__email__iendswith=f"@{domain}")
    contacts = AccountFact.objects.filter(wanted, kind=FactKind.CONTACT)
    exact: dict[str, set[str]] = {}
    by_domain: dict[str, set[str]] = {}
    for account_id, data in contacts.values_list("account_id", "data"):
        known = str(data.get("email") or "").strip().lower()
        exact.setdefault(known, set()).add(account_id)
        by_domain.setdefault(_domain(known), set()).add(account_id)
    found: set[str] = set()
    for address in outside:
        domain = _domain(address)
        if address in exact:
            found |= exact[address]
        elif not SHARED_DOMAINS.match(domain) and len(by_domain.get(domain, ())) == 1:
            found |= by_domain[domain]
    return found


def parsed(raw: bytes) -> Headers | None:
    """The headers of a mail; None for one without sender. A mail without Message-ID gets one from its headers."""
    message = BytesHeaderParser(policy=policy.compat32).parsebytes(raw)
    senders = _addresses(message.get_all("From", []))
    if not senders:
        return None
    given = str(message.get("Message-ID", "")).strip()
    message_id = given if 0 < len(given) <= 500 else "sha256:" + hashlib.sha256(raw).hexdigest()
    receivers = _addresses([*message.get_all("To", []), *message.get_all("Cc", [])])
    return Headers(
        message_id, _date(message.get("Date")), senders[0], receivers, _plain(message.get("Subject", ""))
    )


def check_mailbox(address: str) -> None:
    """Raises UsageError for an address that is no mailbox, without repeating its password."""
    parts = urlsplit(address)
    if parts.scheme not in ("imap", "imaps") or not parts.hostname or not parts.username:
        raise UsageError(
            "touch_mailbox is not a mailbox.", hint="Write it as imaps://user:password@host/Folder."
        )


@contextmanager
def _opened(address: str) -> Iterator[imaplib.IMAP4]:
    """The folder, opened for marking. imap:// goes over to TLS where the server offers it."""
    check_mailbox(address)
    parts = urlsplit(address)
    host = parts.hostname or ""
    box: imaplib.IMAP4
    if parts.scheme == "imaps":
        box = imaplib.IMAP4_SSL(host, parts.port or imaplib.IMAP4_SSL_PORT, timeout=SECONDS)
    else:
        box = imaplib.IMAP4(host, parts.port or imaplib.IMAP4_PORT, timeout=SECONDS)
        if "STARTTLS" in box.capabilities:
            box.starttls()
    try:
        box.login(unquote(parts.username or ""), unquote(parts.password or ""))
        folder = unquote(parts.path.strip("/")) or "INBOX"
        status, _ = box.select('"' + folder.replace("\\", "\\\\").replace('"', '\\"') + '"')
        if status != "OK":
            raise imaplib.IMAP4.error("the folder cannot be opened")
        yield box
    finally:
        try:
            box.logout()
        except (OSError, imaplib.IMAP4.error):
            LOG.debug("the box was closed by its server")


def _fetched(box: imaplib.IMAP4, number: str) -> Headers | None:
    _, parts = box.uid("FETCH", number, WANTED)
    raw = next((part[1] for part in parts or () if isinstance(part, tuple)), None)
    return None if raw is None else parsed(raw)


def _addresses(values: list[str]) -> tuple[str, ...]:
    found = (address.strip().lower() for _, address in getaddresses([str(value) for value in values]))
    return tuple(dict.fromkeys(address for address in found if "@" in address))


def _domain(address: str) -> str:
    return address.rpartition("@")[2]


def _date(text: str | None) -> datetime | None:
    if not text:
        return None
    try:
        at = parsedate_to_datetime(str(text))
    except (ValueError, TypeError):
        return None
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def _plain(subject: str) -> str:
    """A subject with its encoded words read, without control characters."""
    try:
        text = str(make_header(decode_header(str(subject))))
    except (ValueError, LookupError, UnicodeError):
        text = str(subject)
    return " ".join(text.split())[:300]
