"""The verbs that work, in the order of their use. A verb is listed here when it does its whole job."""

from __future__ import annotations

import typer

from barograph.cli import demo, explain, import_, init, refresh, review, scores, signals, status


def register(app: typer.Typer) -> None:
    """Add every verb to the command."""
    app.command("demo")(demo.demo)
    app.command("init")(init.init)
    app.command("import")(import_.import_files)
    app.command("status")(status.status)
    app.add_typer(signals.app, name="signals")
    app.command("refresh")(refresh.refresh)
    app.command("scores")(scores.scores)
    app.command("explain")(explain.explain)
    app.command("review")(review.review)
