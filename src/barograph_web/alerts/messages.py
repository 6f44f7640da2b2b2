"""The bodies of webhooks: signed JSON for machines, a message for chat."""

from __future__ import annotations

import json
from typing import Any

from django.conf import settings

from barograph_web.alerts.catalogue import VERSION
from barograph_web.alerts.models import Event
from barograph_web.alerts.words import because, called, figures, path_of, sentence
from barograph_web.ui.place import reporting_currency, workspace_name

LONGEST_CHAT = 2900
"""Slack cuts a section's text at 3,000 characters."""


def envelope(event: Event, account: str) -> dict[str, Any]:
    """An event as receivers get it (docs/reference/events.md). account: its name, "" for none."""
    return {
        "id": str(event.public_id),
        "type": event.kind,
        "version": VERSION,
        "timestamp": event.at.isoformat(),
        "workspace": workspace_name(),
        "account": {"id": event.account_id, "name": account or event.account_id}
        if event.account_id
        else None,
        "url": address_of(event),
        "data": event.payload,
    }


def test_envelope(message_id: str, at: str) -> dict[str, Any]:
    """What a test delivery says."""
    return {
        "id": message_id,
        "type": "webhook.test",
        "version": VERSION,
        "timestamp": at,
        "workspace": workspace_name(),
        "account": None,
        "url": settings.OPTIONS_IN_FORCE.base_url,
        "data": {"message": "This is a test. No account changed."},
    }


def as_json(document: dict[str, Any]) -> bytes:
    """Compact UTF-8 with keys in order: the same event gives the same bytes."""
    return json.dumps(document, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()


def chat(event: Event, account: str) -> dict[str, Any]:
    """A message that Slack, Mattermost and others take: `text` for notifications, one section with the link."""
    told = escaped(sentence(event, account, called([event])))
    more = [escaped(part) for part in (figures(event, reporting_currency()), because(event)) if part]
    body = f"*<{address_of(event)}|{told.replace('|', '/')}>*" + "".join(f"\n{line}" for line in more)
    return _message(told, body)


def test_chat() -> dict[str, Any]:
    """What a test delivery says in chat."""
    told = f"Test from Barograph, {escaped(workspace_name())}. No account changed."
    return _message(told, told)


def address_of(event: Event) -> str:
    """The whole address of the page that an event leads to."""
    return settings.OPTIONS_IN_FORCE.base_url.rstrip("/") + path_of(event)


def escaped(text: str) -> str:
    """Text for chat: the three characters that have a meaning there, so that a name cannot call a channel or link."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _message(text: str, body: str) -> dict[str, Any]:
    return {
        "text": text[:LONGEST_CHAT],
        "blocks": [{"type": "section", "text": {"type": "mrkdwn", "text": body[:LONGEST_CHAT]}}],
    }
