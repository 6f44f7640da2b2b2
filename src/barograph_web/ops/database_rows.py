"""The whole database as one JSON line per row, in an order in which rows come after what they refer to.

It restores into SQLite and PostgreSQL alike, and needs no tool of the database beside it.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from django.apps import apps
from django.core import serializers
from django.core.management.color import no_style
from django.db import connection, models, transaction

from barograph.errors import UsageError

LEFT_OUT = frozenset(
    {"sessions.session", "contenttypes.contenttype", "auth.permission", "usersessions.usersession"}
)
"""Sessions end with a restore; the others are made by the migrations."""
BATCH = 2000


def kept_models() -> list[type[models.Model]]:
    """Models whose rows are kept, those that others refer to first."""
    configs = [(config, None) for config in apps.get_app_configs() if config.models_module is not None]
    ordered = serializers.sort_dependencies(configs, allow_cycles=True)
    return [model for model in ordered if model._meta.label_lower not in LEFT_OUT and model._meta.managed]


def dump(file: Path) -> int:
    """Write every row to `file` as of one moment; how many."""
    file.parent.mkdir(parents=True, exist_ok=True)
    counted = 0

    def rows() -> Iterator[models.Model]:
        nonlocal counted
        for model in kept_models():
            for row in model._base_manager.order_by("pk").iterator(chunk_size=BATCH):
                counted += 1
                yield row

    file.touch(mode=0o600)
    with transaction.atomic(), file.open("w", encoding="utf-8") as stream:
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        serializers.serialize("jsonl", rows(), stream=stream)
    return counted


def load(file: Path) -> int:
    """Put the rows of `file` into an empty, migrated database, all or none; how many. Raises UsageError when somebody
    is in it already."""
    counted = 0
    kept = kept_models()
    with transaction.atomic():
        for model in kept:
            if model._meta.app_label in ("users", "ops") and model._base_manager.exists():
                raise UsageError(
                    f"the database is not empty: it has {model._meta.verbose_name_plural}.",
                    where=str(connection.settings_dict["NAME"]),
                    hint="Restore into a new database.",
                )
        with connection.constraint_checks_disabled(), file.open(encoding="utf-8") as stream:
            for each in serializers.deserialize("jsonl", stream):
                each.save()
                counted += 1
        connection.check_constraints()
        with connection.cursor() as cursor:
            for statement in connection.ops.sequence_reset_sql(no_style(), kept):
                cursor.execute(statement)
    return counted
