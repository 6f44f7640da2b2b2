"""The verbs that work, in the order of their use. A verb is listed here when it does its whole job."""

from __future__ import annotations

import typer

from barograph.cli import (
    audit_score,
    demo,
    explain,
    import_,
    init,
    learn,
    milestones,
    models,
    refresh,
    review,
    scores,
    screen,
    signals,
    status,
    validate,
)


def register(app: typer.Typer) -> None:
    """Add every verb to the command."""
    app.command("demo")(demo.demo)
    app.command("init")(init.init)
    app.command("import")(import_.import_files)
    app.command("status")(status.status)
    app.add_typer(signals.app, name="signals")
    app.command("audit-score")(audit_score.audit_score)
    app.command("screen")(screen.screen)
    app.command("milestones")(milestones.milestones)
    app.command("learn")(learn.learn)
    app.command("validate")(validate.validate)
    app.add_typer(models.app, name="models")
    app.command("refresh")(refresh.refresh)
    app.command("scores")(scores.scores)
    app.command("explain")(explain.explain)
    app.command("review")(review.review)
