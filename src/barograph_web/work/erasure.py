"""Taking somebody who is erased out of comments (X4): what was said stays, without their name. Who is named with `@` is
kept as a number (mention_text.py) and needs nothing."""

from __future__ import annotations

from datetime import datetime

from django.db.models import QuerySet

from barograph_web.ops.erasure import SHORTEST_NAME
from barograph_web.ops.names_in_texts import Words
from barograph_web.portfolio.erasure import ERASED, SHORTEST
from barograph_web.users.models import User
from barograph_web.work.models import Comment


def take_user_out(user: User, former: str) -> dict[str, int]:
    """A user of the application, as they were; how many comments were changed."""
    words = Words((f"{user.name} <{user.email}>", user.email, user.name), former, SHORTEST_NAME)
    return {"comments": _rewritten(Comment.objects.all(), words)}


def take_contact_out(account_id: str, names: tuple[str, ...], _now: datetime) -> dict[str, int]:
    """A contact of an account, by name and address; how many comments were changed."""
    words = Words(names, ERASED, SHORTEST)
    return {"comments": _rewritten(Comment.objects.filter(account_id=account_id), words)}


def _rewritten(comments: QuerySet[Comment], words: Words) -> int:
    changed = 0
    for comment in comments.filter(erased_at=None).only("pk", "body").iterator():
        if (body := words.within(comment.body)) != comment.body:
            changed += Comment.objects.filter(pk=comment.pk).update(body=body)
    return changed
