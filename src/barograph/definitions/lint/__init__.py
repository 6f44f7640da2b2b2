"""Lint: what is wrong or unwise in a model, with the reason and what to do, before a single score is made."""

from __future__ import annotations

from barograph.definitions.lint.registry import RULES, lint, rule
from barograph.definitions.lint.rule import Finding, Rule, Severity
from barograph.definitions.lint.schema import contract_columns

__all__ = ["RULES", "Finding", "Rule", "Severity", "contract_columns", "lint", "rule"]
