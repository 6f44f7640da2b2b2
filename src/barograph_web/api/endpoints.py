"""The API: every endpoint is registered here."""

from __future__ import annotations

from ninja import NinjaAPI

api = NinjaAPI(title="Barograph", version="1", urls_namespace="api")
