"""Writes of this app: notes, sharing with guests, saved views. Each is one transaction with its audit event."""

from __future__ import annotations

from datetime import date, datetime

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from barograph.errors import UsageError
from barograph_web.ops.audit import audit
from barograph_web.portfolio.models import Account, GuestGrant, Note, SavedView
from barograph_web.users.models import Role, User

LONGEST_NOTE = 10_000
MOST_VIEWS = 50


class StaleError(UsageError):
    """Somebody changed it meanwhile. `current`: what stands now."""

    def __init__(self, message: str, current: Note | None = None) -> None:
        super().__init__(message, hint="Look at what stands now and write it again if it is still needed.")
        self.current = current


def write_note(account: Account, author: User, body: str) -> Note:
    """Add a note. The audit log has that it was written, not what it says, so that it can be erased for good.

    Raises UsageError for an empty body or one of more than LONGEST_NOTE characters.
    """
    text = _body(body)
    with transaction.atomic():
        note = Note.objects.create(
            account_id=account.account_id, author=author, author_label=author.name, body=text
        )
        audit("note.written", _named(note), after={"characters": len(text)}, account_id=account.account_id)
    return note


def replace_note(note: Note, author: User, body: str) -> Note:
    """Put a corrected note in place of one's own. Raises StaleError when it was replaced or erased meanwhile, and
    PermissionDenied for somebody else's note."""
    if note.author_id != author.pk:
        raise PermissionDenied("Only the person who wrote a note can correct it. Add a note of your own.")
    text = _body(body)
    try:
        with transaction.atomic():
            standing = Note.objects.select_for_update().get(pk=note.pk)
            if standing.erased_at is not None:
                raise StaleError("The note was erased meanwhile.")
            made = Note.objects.create(
                account_id=note.account_id,
                author=author,
                author_label=author.name,
                body=text,
                replaces=standing,
            )
            audit(
                "note.replaced",
                _named(made),
                before={"note": standing.pk, "characters": len(standing.body)},
                after={"characters": len(text)},
                account_id=note.account_id,
            )
    except IntegrityError:
        raise StaleError("The note was corrected meanwhile.", latest_of(note)) from None
    return made


def erase_note(note: Note, by: User, now: datetime, *, anybodys: bool = False) -> None:
    """Erase what a note says, and what those that it replaced said. Who wrote when stays.

    anybodys: the person may erase notes of others. Raises PermissionDenied when they may not, StaleError when it was
    erased already.
    """
    if note.author_id != by.pk and not anybodys:
        raise PermissionDenied("Only the person who wrote a note, or an administrator, can erase it.")
    with transaction.atomic():
        if not Note.objects.filter(pk=note.pk, erased_at=None).update(body="", erased_at=now):
            raise StaleError("The note was erased already.")
        earlier = note.replaces
        while earlier is not None:
            Note.objects.filter(pk=earlier.pk).update(body="", erased_at=now)
            earlier = earlier.replaces
        audit("note.erased", _named(note), account_id=note.account_id)


def latest_of(note: Note) -> Note:
    """The note that stands in place of this one; itself when it was never replaced."""
    while (later := Note.objects.filter(replaces=note).first()) is not None:
        note = later
    return note


def share_account(account: Account, guest: User, until: date, by: User, today: date) -> GuestGrant:
    """Let a guest see one account until a day, that day included; the same pair again moves the day.

    Raises UsageError for somebody who is no guest, or a day that has passed.
    """
    if guest.role != Role.GUEST or not guest.is_active:
        raise UsageError(f"{guest} is no guest.", hint="Give them the role Guest first.")
    if until < today:
        raise UsageError(f"{until} has passed.", hint="Choose today or a later day.")
    with transaction.atomic():
        before = GuestGrant.objects.filter(guest=guest, account_id=account.account_id).first()
        grant, _ = GuestGrant.objects.update_or_create(
            guest=guest, account_id=account.account_id, defaults={"until": until, "granted_by": by.name}
        )
        audit(
            "account.shared",
            ("portfolio.guestgrant", str(grant.pk), guest.email),
            before=None if before is None else {"until": before.until.isoformat()},
            after={"guest": guest.email, "until": until.isoformat()},
            account_id=account.account_id,
        )
    return grant


def stop_sharing(grant: GuestGrant) -> None:
    """Take an account away from a guest at once."""
    with transaction.atomic():
        thing = ("portfolio.guestgrant", str(grant.pk), grant.guest.email)
        account_id, before = grant.account_id, {"guest": grant.guest.email, "until": grant.until.isoformat()}
        grant.delete()
        audit("account.sharing_stopped", thing, before=before, account_id=account_id)


def save_view(owner: User, page: str, name: str, query: str, *, shared: bool) -> SavedView:
    """Keep filters and order under a name; the same name again replaces the person's own view of that name.

    Raises UsageError for a name that is empty or too long, and beyond MOST_VIEWS views.
    """
    name = name.replace("\x00", "").strip()
    if not 1 <= len(name) <= 120:
        raise UsageError("a view needs a name of 1 to 120 characters.", hint="Shorten it.")
    if len(query) > 2000:
        raise UsageError("these filters are too long to be kept.", hint="Take some of them away.")
    with transaction.atomic():
        own = SavedView.objects.filter(owner=owner, page=page)
        before = own.filter(name=name).first()
        if before is None and own.count() >= MOST_VIEWS:
            raise UsageError(f"you have {MOST_VIEWS} views.", hint="Delete one that you do not use.")
        view, _ = SavedView.objects.update_or_create(
            owner=owner, page=page, name=name, defaults={"query": query, "shared": shared}
        )
        audit(
            "view.saved",
            ("portfolio.savedview", str(view.pk), name),
            before=None if before is None else {"query": before.query, "shared": before.shared},
            after={"query": query, "shared": shared},
        )
    return view


def delete_view(view: SavedView, by: User) -> None:
    """Delete one's own view. Raises PermissionDenied for somebody else's."""
    if view.owner_id != by.pk:
        raise PermissionDenied(f"This view is somebody else's: ask {view.owner} to delete it.")
    with transaction.atomic():
        thing = ("portfolio.savedview", str(view.pk), view.name)
        before = {"query": view.query, "shared": view.shared}
        view.delete()
        audit("view.deleted", thing, before=before)


def _body(body: str) -> str:
    text = body.replace("\x00", "").replace("\r\n", "\n").strip()
    if not text:
        raise UsageError("the note is empty.", hint="Write something.")
    if len(text) > LONGEST_NOTE:
        raise UsageError(
            f"the note has {len(text):,} characters; at most {LONGEST_NOTE:,} are kept.", hint="Shorten it."
        )
    return text


def _named(note: Note) -> tuple[str, str, str]:
    return ("portfolio.note", str(note.pk), f"note of {note.author_label}"[:200])
