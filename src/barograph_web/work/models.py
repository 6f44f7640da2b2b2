"""What people add to work: comments on tasks, who was named in them, and the addresses of their calendar feeds.

Tasks, clocks and touches are of the app `plays`; saved views are `portfolio.SavedView`, page "work".
"""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q


class Comment(models.Model):
    """What somebody wrote under a task. Written once; erasing empties it, and that it was written stays.

    `body` is in the stored form of mention_text.py: people are numbers in it.
    """

    task = models.ForeignKey("plays.Task", on_delete=models.PROTECT, related_name="comments")
    account_id = models.CharField(max_length=400, db_index=True)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    author_label = models.CharField(max_length=200)
    body = models.TextField(max_length=4000)
    written_at = models.DateTimeField()
    erased_at = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["task", "written_at"])]
        ordering: ClassVar[list[str]] = ["written_at", "pk"]

    def __str__(self) -> str:
        return f"comment of {self.author_label}"


class Mention(models.Model):
    """Somebody was named in a comment, and told of it: only people who may see the account can be named."""

    comment = models.ForeignKey(Comment, on_delete=models.PROTECT, related_name="mentions")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="mentions")

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["comment", "user"], name="work_mention_once")
        ]

    def __str__(self) -> str:
        return f"{self.user} in {self.comment}"


class CalendarFeed(models.Model):
    """The private address under which a person's due days can be subscribed to; one of each person opens something.

    The key in the address is shown once; kept is its SHA-256, and its beginning to recognise it by.
    """

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="calendar_feeds"
    )
    prefix = models.CharField(max_length=20)
    digest = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True)
    """When it was last asked for, to the hour."""
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["owner"], condition=Q(withdrawn_at=None), name="work_feed_open_once"
            )
        ]
        ordering: ClassVar[list[str]] = ["-made_at", "-pk"]

    def __str__(self) -> str:
        return f"calendar of {self.owner} ({self.prefix}…)"
