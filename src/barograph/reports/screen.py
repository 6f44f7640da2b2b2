"""Every candidate signal against what became of the accounts, as a document (`barograph.screen/1`)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from barograph.core.calendar import to_date
from barograph.learning.screening import Screened, Screening
from barograph.pipeline.evidence import Evidence
from barograph.pipeline.evidence_screen import Screened as ScreenedEvidence
from barograph.reports.numbers import number

SCHEMA = "barograph.screen/1"
MOST_LISTED = 3


def screen_document(evidence: Evidence, found: ScreenedEvidence, head: dict[str, Any]) -> dict[str, Any]:
    """The document; see docs/reference/json-learning.md. head: the keys that every document begins with."""
    screening = found.screening
    flags: dict[str, list[dict[str, Any]]] = {}
    for flag in found.leaks.flags:
        flags.setdefault(flag.name, []).append(
            {"code": flag.code, "value": number(flag.value), "limit": number(flag.limit), "text": flag.text}
        )
    return {
        **head,
        "horizon_days": int(evidence.rows.horizon[0]),
        "observations": evidence.rows.n,
        "lost": int(evidence.rows.lost.sum()),
        "from": to_date(int(evidence.rows.decision.min())).isoformat(),
        "to": to_date(int(evidence.rows.decision.max())).isoformat(),
        "tried": screening.tried,
        "interval_method": screening.interval_method,
        "summary": summary(screening),
        "signals": [signal_entry(s, flags.get(s.name, [])) for s in screening.signals],
        **about_rows(evidence),
        "notices": [*found.notices, *(notice.text for notice in evidence.notices)],
    }


def signal_entry(s: Screened, flags: list[dict[str, Any]]) -> dict[str, Any]:
    """One candidate."""
    return {
        "name": s.name,
        "label": s.candidate.label,
        "category": s.candidate.category,
        "kind": s.candidate.kind,
        "direction": s.candidate.direction,
        "n": s.n,
        "lost": s.lost,
        "coverage": number(s.coverage),
        "auc": number(s.auc.value),
        "auc_low": number(s.auc.low),
        "auc_high": number(s.auc.high),
        "mean_kept": number(s.mean_kept),
        "mean_lost": number(s.mean_lost),
        "spearman": number(s.spearman),
        "point_biserial": number(s.point_biserial),
        "information_value": number(s.information_value),
        "p_value": number(s.p),
        "q_value": number(s.q),
        "auc_older": number(s.halves[0]),
        "auc_newer": number(s.halves[1]),
        "segments": [
            {"segment": name, "n": n, "lost": lost, "auc": number(auc)} for name, n, lost, auc in s.segments
        ],
        "missing_auc": number(s.missing_auc),
        "missing_p": number(s.missing_p),
        "twin_of": s.twin_of or None,
        "verdict": s.verdict,
        "reason": " ".join(part for part in (s.reason, s.note) if part),
        "leaks": flags,
    }


def summary(screening: Screening) -> str:
    """What stands out, or that nothing does, and what was left out of the comparison because it may know the
    outcome."""
    labels = {s.name: s.candidate.label or s.name for s in screening.signals}

    def listed(names: Sequence[str]) -> str:
        more = f" and {len(names) - MOST_LISTED} more" if len(names) > MOST_LISTED else ""
        return ", ".join(labels[name] for name in names[:MOST_LISTED]) + more

    names = screening.validated
    basis = f"{screening.outcomes} decisions, {screening.lost} of them lost"
    refused = [s.name for s in screening.signals if s.verdict == "refused"]
    left = screening.tried - len(refused)
    said = f" Left out until somebody has looked: {listed(refused)}." if refused else ""
    if not screening.usable:
        return (
            f"None of {left} candidates can be told from chance on {basis}. Nothing is proposed from "
            f"this: either the signals say nothing yet, or there are too few outcomes to hear them.{said}"
        )
    if not names:
        return f"On {basis} a few candidates may be real, none separates clearly yet.{said}"
    return f"On {basis}, {len(names)} of {screening.tried} candidates are validated: {listed(names)}.{said}"


def about_rows(evidence: Evidence) -> dict[str, Any]:
    """What a reader must know about the rows: how decisions were dated, what was left out, who was worked."""
    left_out = {key: int(value) for key, value in evidence.left_out.items()}
    left_out["undecided"] = len(evidence.censored.end)
    return {
        "anchored_by": evidence.anchors(),
        "left_out": left_out,
        "treated": int(evidence.rows.treated.sum()),
        "treated_lost": int((evidence.rows.treated & evidence.rows.lost).sum()),
    }


__all__ = ["SCHEMA", "about_rows", "number", "screen_document", "signal_entry", "summary"]
