"""Plain signals of a seeded company, read from its tables as anybody would, point in time by both clocks.

Nothing here uses the package's own signal engine: these few queries are what the planted truth is held
against. `as_of` is `lead` days before a decision; a fact counts if it occurred and was recorded before it.
"""

from __future__ import annotations

from typing import Any

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa

QUERIES: dict[str, str] = {
    "users_per_seat": """
        SELECT o.row, count(DISTINCT e.user_id) / any_value(o.seats) FROM o LEFT JOIN events e
        ON e.account_id = o.account_id AND e.occurred_at < o.as_of AND e.recorded_at < o.as_of
        AND e.occurred_at >= o.as_of - INTERVAL 28 DAY GROUP BY o.row""",
    "usage_change": """
        SELECT o.row, ln((count(DISTINCT e.user_id) FILTER (e.occurred_at >= o.as_of - INTERVAL 28 DAY) + 1.0)
                       / (count(DISTINCT e.user_id) FILTER (e.occurred_at < o.as_of - INTERVAL 84 DAY) + 1.0))
        FROM o LEFT JOIN events e ON e.account_id = o.account_id AND e.occurred_at < o.as_of
        AND e.recorded_at < o.as_of AND e.occurred_at >= o.as_of - INTERVAL 112 DAY GROUP BY o.row""",
    "features": """
        SELECT o.row, count(DISTINCT e.feature) FROM o LEFT JOIN events e
        ON e.account_id = o.account_id AND e.occurred_at < o.as_of AND e.recorded_at < o.as_of
        AND e.occurred_at >= o.as_of - INTERVAL 28 DAY GROUP BY o.row""",
    "page_views": """
        SELECT o.row, coalesce(sum(e.quantity), 0) FROM o LEFT JOIN events e
        ON e.account_id = o.account_id AND e.occurred_at < o.as_of AND e.recorded_at < o.as_of
        AND e.occurred_at >= o.as_of - INTERVAL 28 DAY AND e.event = 'page_view' GROUP BY o.row""",
    "page_rows": """
        SELECT o.row, count(e.event) FROM o LEFT JOIN events e
        ON e.account_id = o.account_id AND e.occurred_at < o.as_of AND e.recorded_at < o.as_of
        AND e.occurred_at >= o.as_of - INTERVAL 28 DAY AND e.event = 'page_view' GROUP BY o.row""",
    "meetings": """
        SELECT o.row, count(*) FILTER (i.kind IN ('meeting', 'business_review', 'onsite'))
                      + 2 * count(*) FILTER (i.executive)
        FROM o LEFT JOIN interactions i ON i.account_id = o.account_id AND i.occurred_at < o.as_of
        AND i.recorded_at < o.as_of AND i.occurred_at >= o.as_of - INTERVAL 180 DAY GROUP BY o.row""",
    "webinars": """
        SELECT o.row, count(i.kind) FROM o LEFT JOIN interactions i ON i.account_id = o.account_id
        AND i.kind = 'webinar' AND i.occurred_at < o.as_of AND i.recorded_at < o.as_of
        AND i.occurred_at >= o.as_of - INTERVAL 180 DAY GROUP BY o.row""",
    "severe_days_open": """
        WITH latest AS (
            SELECT o.row, o.as_of, t.ticket_id, arg_max(t.opened_at, t.recorded_at) AS opened,
                   max(t.resolved_at) AS resolved, any_value(t.priority) AS priority
            FROM o JOIN tickets t ON t.account_id = o.account_id AND t.recorded_at < o.as_of
            AND t.opened_at >= o.as_of - INTERVAL 90 DAY GROUP BY ALL)
        SELECT o.row, -coalesce(sum(date_diff('hour', opened, coalesce(resolved, latest.as_of)))
                      FILTER (priority IN ('p1', 'p2')), 0)
        FROM o LEFT JOIN latest ON latest.row = o.row GROUP BY o.row""",
    "days_late": """
        WITH latest AS (
            SELECT o.row, o.as_of, v.invoice_id, any_value(v.due_at) AS due, max(v.paid_at) AS paid
            FROM o JOIN invoices v ON v.account_id = o.account_id AND v.recorded_at < o.as_of
            AND v.due_at < o.as_of AND v.due_at >= o.as_of - INTERVAL 270 DAY GROUP BY ALL)
        SELECT o.row, -avg(date_diff('hour', due, coalesce(paid, latest.as_of)))
        FROM o LEFT JOIN latest ON latest.row = o.row GROUP BY o.row""",
    "goal_progress": """
        WITH latest AS (
            SELECT o.row, g.goal_id,
                   arg_max((g.measured - g.baseline) / (g.target - g.baseline), g.recorded_at) AS share
            FROM o JOIN goals g ON g.account_id = o.account_id AND g.recorded_at < o.as_of
            AND g.recorded_at >= o.as_of - INTERVAL 200 DAY AND g.measured IS NOT NULL GROUP BY ALL)
        SELECT o.row, avg(share) FROM o LEFT JOIN latest ON latest.row = o.row GROUP BY o.row""",
    "nps": """
        SELECT o.row, avg(s.score) FROM o
        LEFT JOIN surveys s ON s.account_id = o.account_id AND s.kind = 'nps'
        AND s.answered_at < o.as_of AND s.recorded_at < o.as_of
        AND s.answered_at >= o.as_of - INTERVAL 365 DAY GROUP BY o.row""",
    "sponsor": """
        WITH latest AS (
            SELECT o.row, c.contact_id, arg_max(c.status, c.recorded_at) AS status
            FROM o JOIN contacts c ON c.account_id = o.account_id AND c.role = 'sponsor'
            AND c.recorded_at < o.as_of GROUP BY ALL)
        SELECT o.row, (count(*) FILTER (status IN ('active', 'at_risk')) > 0)::INT
        FROM o LEFT JOIN latest ON latest.row = o.row GROUP BY o.row""",
    "milestone": """
        SELECT o.row, (count(m.milestone) FILTER (m.milestone = 'first_workflow_live'
                       AND m.reached_at::DATE <= a.start_date + 45) > 0)::INT
        FROM o JOIN (SELECT account_id, any_value(start_date) AS start_date FROM accounts GROUP BY 1) a
        ON a.account_id = o.account_id LEFT JOIN milestones m ON m.account_id = o.account_id
        AND m.recorded_at < o.as_of GROUP BY o.row""",
    "other_milestone": """
        SELECT o.row, (count(m.milestone) FILTER (m.milestone = 'sso_configured'
                       AND m.reached_at::DATE <= a.start_date + 45) > 0)::INT
        FROM o JOIN (SELECT account_id, any_value(start_date) AS start_date FROM accounts GROUP BY 1) a
        ON a.account_id = o.account_id LEFT JOIN milestones m ON m.account_id = o.account_id
        AND m.recorded_at < o.as_of GROUP BY o.row""",
    "founded_year": """
        SELECT o.row, any_value(a.founded_year)
        FROM o JOIN accounts a ON a.account_id = o.account_id GROUP BY o.row""",
    "legacy": """
        SELECT o.row, arg_max(l.score, l.as_of)
        FROM o LEFT JOIN legacy_scores l ON l.account_id = o.account_id
        AND l.recorded_at < o.as_of GROUP BY o.row""",
    "pulse": """
        SELECT o.row, arg_max((p.sponsor_status = 'active')::INT + (p.executive_engagement = 'active')::INT
                              + (p.outcome_narrative = 'defensible')::INT, p.recorded_at)
        FROM o LEFT JOIN pulses p ON p.account_id = o.account_id AND p.recorded_at < o.as_of
        GROUP BY o.row""",
}


def read(
    tables: dict[str, pa.Table], renewals: pa.Table, lead: int, names: list[str] | None = None
) -> dict[str, npt.NDArray[np.float64]]:
    """Signals for the drawn renewals of an account's decision, `lead` days before it; NaN is unknown.

    Returns the signals named plus `lost` (0 or 1) and `p_lost`. Renewals with less than 112 days of data
    before `as_of` and accounts with less than 112 days of life are left out.
    """
    base = duckdb.connect()
    base.execute("SET TimeZone = 'UTC'")
    base.execute("SET threads = 2")
    for name, table in tables.items():
        base.register(name, table)
    base.register("renewals", renewals)
    first = "(SELECT min(occurred_at) FROM events) + INTERVAL 112 DAY"
    base.execute(f"""
        CREATE TEMP TABLE o AS
        SELECT row_number() OVER (ORDER BY r.account_id, r.decided_on) AS row,
               r.account_id, r.lost, r.p_lost, c.seats,
               r.decided_on::TIMESTAMPTZ - INTERVAL {lead} DAY AS as_of
        FROM renewals r
        JOIN (SELECT contract_id, any_value(seats) AS seats FROM contracts GROUP BY 1) c USING (contract_id)
        JOIN (SELECT account_id, any_value(start_date) AS start_date FROM accounts GROUP BY 1) a
        USING (account_id)
        WHERE r.drawn AND r.decided_on - {lead} >= a.start_date + 112
          AND r.decided_on::TIMESTAMPTZ - INTERVAL {lead} DAY >= {first}""")
    found: dict[str, npt.NDArray[np.float64]] = {}
    for name in names or list(QUERIES):
        rows = base.execute(f"SELECT * FROM ({QUERIES[name]}) ORDER BY 1").fetchnumpy()
        found[name] = _floats(list(rows.values())[1])
    rest = base.execute("SELECT lost::INT AS lost, p_lost FROM o ORDER BY row").fetchnumpy()
    found["lost"], found["p_lost"] = _floats(rest["lost"]), _floats(rest["p_lost"])
    base.close()
    return found


def _floats(values: Any) -> npt.NDArray[np.float64]:
    return np.ma.filled(np.ma.asarray(values, dtype=np.float64), np.nan)


def auc(signal: npt.NDArray[np.float64], lost: npt.NDArray[np.float64]) -> float:
    """How often a kept account's signal is higher than a lost one's; ties count half, unknown is left out."""
    kept, gone = signal[(lost == 0) & ~np.isnan(signal)], signal[(lost == 1) & ~np.isnan(signal)]
    order = np.sort(gone)
    below = np.searchsorted(order, kept, side="left")
    ties = np.searchsorted(order, kept, side="right") - below
    return float((below + ties / 2).sum() / (len(kept) * len(gone)))
