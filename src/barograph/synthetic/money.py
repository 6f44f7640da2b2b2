"""Invoices: readings of the payment driver, and the exchange rates of the company's currencies."""

from __future__ import annotations

from datetime import date

import numpy as np
import pyarrow as pa

from barograph.synthetic.accounts import CURRENCIES, Profile
from barograph.synthetic.activity import Life
from barograph.synthetic.contracts import Terms
from barograph.synthetic.frame import (
    DAY,
    NEVER,
    Coded,
    Columns,
    Step,
    add_months,
    build,
    delays,
    known,
    office_hours,
    plain,
    stack,
    texts,
    versions,
)
from barograph.synthetic.latent import Latent, week_of
from barograph.synthetic.spec import CompanySpec

REPORTING_CURRENCY = CURRENCIES[0]
RATES: dict[str, float] = {"USD": 0.92, "GBP": 1.17}
"""What one unit is worth in REPORTING_CURRENCY, for settings of a workspace with this company."""
RATES_DATE = date(2026, 1, 1)
PAYMENT_TERMS = 30


def invoices(
    spec: CompanySpec,
    block: int,
    profile: Profile,
    latent: Latent,
    terms: Terms,
    lives: Life,
    extra: Columns | None,
) -> pa.Table:
    """The `invoices` table: quarterly for dated terms, monthly for evergreen, due after 30 days.

    A row when issued and a row when paid. `extra` are complete facts of told accounts.
    """
    rng = spec.rng(block, "invoices")
    account = terms.account
    evergreen = terms.end_day == NEVER
    step = np.where(evergreen, 1, 3)
    months = np.where(evergreen, 12 * (spec.years + 6), np.maximum(profile.term_months[account], 1))
    counts = months // step
    row = np.repeat(np.arange(terms.rows), counts)
    turn = np.arange(len(row)) - np.repeat(np.cumsum(counts) - counts, counts)
    day = add_months(terms.start_day[row], turn * step[row])
    account = account[row]
    issued = office_hours(rng, day)
    inside = (day >= spec.start_day) & (issued < lives.ends[account]) & ~profile.quiet[account]
    row, day, account, issued, turn = (values[inside] for values in (row, day, account, issued, turn))
    rows = len(row)
    due = issued + PAYMENT_TERMS * DAY
    mood = latent.paths["payment"][account, week_of(spec, day + 20)]
    late_days = np.round(-7 + 10 * np.exp(-0.6 * mood) + rng.normal(0, 5, rows))
    paid = due + np.maximum(late_days, -25).astype(np.int64) * DAY + rng.integers(0, 7_200, rows) * 1_000_000
    pairs = zip(account.tolist(), day.view("datetime64[D]").tolist(), strict=True)
    columns: Columns = {
        "invoice_id": texts([f"{profile.ids[a]}-{when:%Y%m}-INV" for a, when in pairs]),
        "account_id": profile.words(account),
        "issued_at": issued,
        "due_at": due,
        "paid_at": paid,
        "amount": np.round(terms.arr[row] * step[row] / 12, 2),
        "currency": Coded(profile.currency[account], CURRENCIES),
        "failures": rng.poisson(0.06 * np.exp(-0.7 * mood)).astype(np.float64),
    }
    if extra is not None:
        columns = stack([columns, extra])
    issued, paid = plain(columns, "issued_at"), plain(columns, "paid_at")
    late = np.column_stack([delays(rng, len(issued), spec.late_share) for _ in range(2)])
    shown = versions(columns, issued, [Step(paid, ("paid_at", "failures"))], late)
    return build("invoices", known(shown, spec.end_day))
