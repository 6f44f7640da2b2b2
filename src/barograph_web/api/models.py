"""What the API remembers of requests that must not be done twice."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models


class IdempotentAnswer(models.Model):
    """What was answered to a person's request with this `Idempotency-Key`: the same request gets it again."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    key = models.CharField(max_length=120)
    digest = models.CharField(max_length=64)
    """SHA-256 of method, address and body: the same key with another request is a mistake."""
    status = models.PositiveSmallIntegerField()
    body = models.JSONField()
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["user", "key"], name="api_answer_once")
        ]
