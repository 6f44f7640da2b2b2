"""One measured step of learning, run as a process of its own so that its peak memory is its own.

Prints one JSON line: seconds of wall clock and of processor, peak resident memory in MiB, what it worked on.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from barograph.core.calendar import day_number, grid_day
from barograph.definitions.starters import starter_text
from barograph.engines.duckdb.engine import DuckDBEngine
from barograph.intake import import_paths
from barograph.learning.observations import Candidate, Observations, observe
from barograph.learning.recipe import propose
from barograph.learning.weights import ExpertPrior
from barograph.pipeline.evidence import gather
from barograph.pipeline.learn import LearnSettings, learn
from barograph.pipeline.learn_inputs import models_of
from barograph.synthetic import RATES, RATES_DATE, REPORTING_CURRENCY, CompanySpec, write
from barograph.workspace import Rate, Workspace

NOW = datetime(2026, 11, 22, tzinfo=UTC)
DAY0 = 19_705
REAL = (0.8, 0.6, 0.5, 0.4, 0.3, 0.3, 0.2, 0.2)
YEARS = 2


def book(accounts: int, candidates: int, seed: int = 0) -> tuple[Observations, ExpertPrior]:
    """Yearly renewals over two years until the account is lost (a tenth each time at the mean): eight candidates
    say something, most come in correlated pairs, a tenth of the values is unknown."""
    rng = np.random.default_rng(seed)
    k = len(REAL)
    first = rng.integers(0, 364, accounts)
    x = rng.normal(size=(accounts, candidates)).astype(np.float32)
    x[:, k : 2 * k] = 0.7 * x[:, :k] + np.sqrt(1 - 0.7**2) * x[:, k : 2 * k]
    who, day, gone, rows = [], [], [], []
    alive = np.ones(accounts, dtype=bool)
    for year in range(YEARS):
        x = np.asarray(0.8 * x + 0.6 * rng.normal(size=x.shape), dtype=np.float32)
        here = np.flatnonzero(alive)
        lost = rng.random(len(here)) < 1 / (1 + np.exp(2.5 + x[here, :k] @ np.array(REAL)))
        who.append(here)
        day.append(DAY0 + 364 * year + first[here])
        gone.append(lost)
        rows.append(x[here])
        alive[here[lost]] = False
    account, values = np.concatenate(who), np.concatenate(rows).astype(np.float64)
    values[rng.random(values.shape) < 0.1] = np.nan
    names = [Candidate(f"c{j:02d}", direction="up" if j < k else "free") for j in range(candidates)]
    segment = np.array(["smb", "mid", "enterprise"], dtype=object)[account % 3]
    found = observe(
        [f"a{a:06d}" for a in account.tolist()],
        np.concatenate(gone),
        values,
        names,
        as_of=np.concatenate(day),
        arr_before=rng.lognormal(9, 1, len(account)),
        segment=segment,
        horizon=90,
    )
    opinion = np.clip(0.5 + values[:, :k] / 6, 0, 1)
    return found, ExpertPrior(tuple(c.name for c in names[:k]), opinion, np.ones(k))


def arrays(accounts: int, candidates: int) -> dict[str, Any]:
    """The recipe on arrays, as `learn` calls it."""
    rows, prior = book(accounts, candidates)
    found = propose(rows, prior, earlier=rows.signals + 0.1, progress=_told)
    signals = ", ".join(f"{s.name} {s.weight}" for s in found.signals)
    return {
        "rows": rows.n,
        "candidates": candidates,
        "folds": len(found.plan.folds),
        "proposed": found.proposed,
        "what": f"{found.stage.headline}: {signals}",
    }


def workspace(accounts: int, _candidates: int) -> dict[str, Any]:
    """From an imported workspace of the seeded company: observe its decisions, learn, keep the proposal."""
    with TemporaryDirectory(prefix="barograph-benchmark-") as folder:
        place = Workspace.create(
            Path(folder) / "workspace",
            currency=REPORTING_CURRENCY,
            rates=tuple(Rate(currency=code, date=RATES_DATE, rate=rate) for code, rate in RATES.items()),
        )
        (place.path / "models" / "saas.toml").write_text(starter_text("saas"), encoding="utf-8")
        spec = replace(CompanySpec(), accounts=accounts, stories=False)
        write(spec, place.path / "exports")
        import_paths(place, [place.path / "exports"], now=NOW)
        models = models_of(place)
        started = time.perf_counter()
        evidence = gather(
            place,
            DuckDBEngine(),
            models.in_force,
            day=grid_day(day_number(spec.end)),
            views=models.views,
            progress=_told,
        )
        seen = time.perf_counter()
        found = learn(models, evidence, LearnSettings(), now=NOW, progress=_told)
        return {
            "rows": evidence.rows.n,
            "candidates": len(evidence.rows.names),
            "folds": len(found.proposal.plan.folds),
            "observe_seconds": round(seen - started, 1),
            "learn_seconds": round(time.perf_counter() - seen, 1),
            "proposed": found.kept is not None,
            "what": found.proposal.stage.headline,
        }


def _told(what: str, done: int, of: int) -> None:
    sys.stderr.write(f"    {what}: {done} of {of}\n")


STEPS = {"arrays": arrays, "workspace": workspace}


def main() -> None:
    """`steps.py STEP ACCOUNTS CANDIDATES`."""
    step, accounts, candidates = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    wall, processor = time.perf_counter(), time.process_time()
    found = STEPS[step](accounts, candidates)
    found |= {
        "step": step,
        "accounts": accounts,
        "seconds": round(time.perf_counter() - wall, 1),
        "processor_seconds": round(time.process_time() - processor, 1),
        "peak_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }
    print(json.dumps(found))


if __name__ == "__main__":
    main()
