"""All lint rules, in the order of their ids, and the one function that runs them."""

from __future__ import annotations

from barograph.definitions.lint.balance import BALANCE_RULES
from barograph.definitions.lint.evidence import EVIDENCE_RULES
from barograph.definitions.lint.overlay import OVERLAY_RULES
from barograph.definitions.lint.references import REFERENCE_RULES
from barograph.definitions.lint.rule import Context, Finding, Rule
from barograph.definitions.lint.schema import KnownColumns, Schema
from barograph.definitions.lint.scopes import SCOPE_RULES
from barograph.definitions.lint.shapes import SHAPE_RULES
from barograph.definitions.lint.sources import SOURCE_RULES
from barograph.definitions.lint.tiers import TIER_RULES
from barograph.definitions.lint.weights import WEIGHT_RULES
from barograph.definitions.model import ScoreModel

RULES: tuple[Rule, ...] = tuple(
    sorted(
        (
            *WEIGHT_RULES,
            *TIER_RULES,
            *SOURCE_RULES,
            *REFERENCE_RULES,
            *SHAPE_RULES,
            *BALANCE_RULES,
            *EVIDENCE_RULES,
            *SCOPE_RULES,
            *OVERLAY_RULES,
        ),
        key=lambda r: r.id,
    )
)


def lint(model: ScoreModel, known_columns: KnownColumns | None = None) -> list[Finding]:
    """Everything found in the model, errors first, then by rule id and place in the file.

    known_columns: table -> column -> type, of the workspace's data; without it the data contract counts, a
    table of the contract is taken to be there, and a column that the contract does not name is an error only
    when it looks like one that it does.
    """
    context = Context(model, Schema(known_columns))
    findings = [finding for each in RULES for finding in each.check(context)]
    return sorted(findings, key=lambda f: (f.severity != "error", f.rule))


def rule(rule_id: str) -> Rule:
    """The rule with this id; KeyError if there is none."""
    for each in RULES:
        if each.id == rule_id:
            return each
    raise KeyError(rule_id)
