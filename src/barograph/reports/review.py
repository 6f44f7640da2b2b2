"""The Monday review (R1): what changed, why, who is on it, by when, and the few accounts that need attention."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from barograph.core.arrays import AnyArray, CodeArray, FloatArray, positions, texts
from barograph.core.attention import Attention, AttentionInputs, attention
from barograph.core.calendar import WEEK, add_working_days, to_date
from barograph.core.movement import STATES, movement, structural_alarm
from barograph.core.thresholds import GROWTH, HEALTHY, INSUFFICIENT, NONE, TIER_CODES, tier_name
from barograph.core.words import sentence
from barograph.core.words_tiers import priority_words
from barograph.definitions.model import ScoreModel
from barograph.pipeline.history import history_days, matrix, point_of, read_point
from barograph.reports.capacity import WorkList, capacity_entry
from barograph.reports.context import Row, WeekContext
from barograph.reports.rollups import rollups
from barograph.reports.scores import change, day_text, overlay_entry, renewal
from barograph.reports.track_record import track_record_for
from barograph.reports.warnings import data_warnings
from barograph.reports.words import WeekWords

SCHEMA = "barograph.review/1"
HISTORY_WEEKS = 12
QUARTER_WEEKS = 14
FALL_WEEKS = 4
ALARM_ACCOUNTS = 20
"""In a smaller group two accounts are 10 %: that is no structure."""


@dataclass(frozen=True)
class Review:
    """Builds the document of one week. `owner` and `segment` narrow the accounts; figures then speak of those."""

    context: WeekContext
    owner: str | None = None
    segment: str | None = None

    @cached_property
    def words(self) -> WeekWords:
        return WeekWords(self.context)

    @property
    def model(self) -> ScoreModel:
        return self.context.model

    @cached_property
    def rows(self) -> list[Row]:
        return self.context.rows

    @cached_property
    def mine(self) -> AnyArray:
        """Flags of the accounts that the review is about."""
        chosen = [
            (self.owner is None or row["csm_email"] == self.owner)
            and (self.segment is None or row["segment"] == self.segment)
            for row in self.rows
        ]
        return np.array(chosen, dtype=bool)

    @cached_property
    def revenue(self) -> FloatArray:
        return np.array([np.nan if row["arr"] is None else row["arr"] for row in self.rows], dtype=np.float64)

    @cached_property
    def history(self) -> tuple[FloatArray, CodeArray]:
        """Scores and tiers of the last quarter, accounts x weeks, oldest first."""
        context = self.context
        days = history_days(context.day, QUARTER_WEEKS)
        points = {day: read_point(context.lake, context.weeks[day]) for day in days if day in context.weeks}
        points[context.day] = point_of(context.table)
        return matrix(points, days, self.words.week.scores.account_ids)

    @cached_property
    def before(self) -> CodeArray:
        """Displayed tiers of the week before, NONE for accounts that were not there."""
        earlier = self.context.before
        if earlier is None:
            return np.full(len(self.rows), NONE, dtype=np.int8)
        ids = texts(earlier.table["account_id"].to_pylist())
        codes = np.array([TIER_CODES[t] for t in earlier.table["tier"].to_pylist()], dtype=np.int8)
        rows = positions(self.words.week.scores.account_ids, ids)
        return (
            np.where(rows >= 0, codes[rows], NONE).astype(np.int8)
            if len(codes)
            else np.full(len(rows), NONE, dtype=np.int8)
        )

    @cached_property
    def silenced(self) -> AnyArray:
        """Accounts without a score because a feed stopped for everybody: one incident, not hundreds of accounts."""
        stopped = any(warning["kind"] == "stale_feed" for warning in self.warnings)
        none = np.isnan(self.words.week.scores.score)
        return none if stopped else np.zeros(len(none), dtype=bool)

    @cached_property
    def warnings(self) -> list[dict[str, Any]]:
        return data_warnings(self.context, self.words.week)

    @cached_property
    def ranked(self) -> tuple[AttentionInputs, Attention, AnyArray]:
        """The attention list over the review's accounts; the last item maps its rows to the week's."""
        keep = np.flatnonzero(self.mine & ~self.silenced)
        scores, _ = self.history
        week = self.words.week
        fall = scores[:, -1 - FALL_WEEKS] - scores[:, -1]
        opt_out = np.array(
            [np.nan if r["opt_out_day"] is None else r["opt_out_day"] for r in self.rows], dtype=float
        )
        inputs = AttentionInputs(
            account_ids=week.scores.account_ids[keep],
            tier=week.states.displayed[keep],
            tier_before=self.before[keep],
            revenue=self.revenue[keep],
            fall=fall[keep],
            days_to_opt_out=(opt_out - self.context.day)[keep],
            about_to_turn=week.trajectory.about_to_turn[keep],
            plan_on_track=np.zeros(len(keep), dtype=bool),
        )
        return inputs, attention(inputs, self.model.review.attention_at_most), keep

    @cached_property
    def groups(self) -> dict[str, AnyArray]:
        """Flags of the accounts that moved since the week before, by how; no account is in two."""
        now = self.words.week.states.displayed
        moved = self.mine & (self.before != NONE) & (now != self.before)
        by_model = self._moved_by_model(moved)
        moved = moved & ~by_model
        better = moved & (now > self.before) & (self.before >= 0)
        new = self.mine & (self.before == NONE) if self.context.before else np.zeros(len(now), dtype=bool)
        return {
            "worse": moved & (now < self.before) & (now >= 0),
            "newly_healthy": better & (now == HEALTHY),
            "growth": better & (now == GROWTH),
            "better": better & (now < HEALTHY),
            "score_lost": moved & (now == INSUFFICIENT) & ~self.silenced,
            "score_found": moved & (self.before == INSUFFICIENT),
            "moved_by_model": by_model,
            "new": new,
        }

    @cached_property
    def listed(self) -> list[int]:
        """Rows of the accounts that need attention, most urgent first."""
        _, ranked, keep = self.ranked
        return [int(row) for row in keep[ranked.listed]]

    def document(self) -> dict[str, Any]:
        """The whole review."""
        attention = [self.entry(row, rank=i + 1) for i, row in enumerate(self.listed)]
        moved = {name: self._entries(flags) for name, flags in self.groups.items()}
        return {**self.portfolio(), "attention": attention, **moved, **self._diverging()}

    def portfolio(self) -> dict[str, Any]:
        """The review without its entries: what it says of the portfolio as a whole."""
        _, ranked, _ = self.ranked
        return {
            **self.context.head(SCHEMA),
            "previous_as_of": to_date(self.context.before.day).isoformat() if self.context.before else None,
            "filter": {"owner": self.owner, "segment": self.segment},
            "accounts": int(self.mine.sum()),
            "arr": self._known_revenue(self.mine),
            "warnings": self.warnings,
            "attention_eligible": ranked.eligible,
            "attention_left_out": ranked.left_out,
            "attention_left_out_arr": ranked.left_out_revenue,
            "gone": self._gone(),
            "tiers": self._tiers(),
            "movement": self._movement(),
            "structural_alarm": self._alarm(),
            "capacity": self._capacity(),
            "rollups": rollups(self.words.week, self.model),
        }

    def entry(self, row: int, *, rank: int | None = None) -> dict[str, Any]:
        """One account of the review."""
        stored = self.rows[row]
        scores, _ = self.history
        score, past = stored["score"], scores[row, -HISTORY_WEEKS:]
        inputs, ranked, keep = self.ranked
        place = np.flatnonzero(keep == row)
        before = int(self.before[row])
        return {
            "rank": rank,
            "account_id": stored["account_id"],
            "name": stored["name"] or stored["account_id"],
            "segment": stored["segment"],
            "plan_name": stored["plan"],
            "owner": stored["csm_email"],
            "arr": stored["arr"],
            "score": score,
            "tier": stored["tier"],
            "previous_tier": tier_name(before) if before != NONE else None,
            "weeks_in_tier": stored["weeks_in_tier"],
            "change": self._change(row),
            "tier_lines": self.words.tier_lines(row),
            "history": [None if np.isnan(v) else float(v) for v in past],
            "why": self.words.why(row),
            "tier_why": self.words.tier(row),
            "heading": stored["heading"],
            "about_to_turn": stored["about_to_turn"],
            "lift": self.words.lift(row),
            "renewal": day_text(stored["term_end_day"]),
            "opt_out": day_text(stored["opt_out_day"]),
            "opt_out_days": None
            if stored["opt_out_day"] is None
            else int(stored["opt_out_day"]) - self.context.day,
            "notice_given": stored["notice_given"],
            "last_touch": day_text(stored["last_touch_day"]),
            "plan": self._plan(stored),
            "priority": float(ranked.priority[place[0]]) if len(place) else None,
            "priority_words": priority_words(ranked, inputs, int(place[0]), self.model, self.words.currency)
            if len(place)
            else None,
            **renewal(stored),
            "track_record": track_record_for(self.context.book, stored),
            **self._overlay(stored, row),
        }

    def _diverging(self) -> dict[str, Any]:
        """`diverging`: accounts whose pulse in force speaks against the numbers, largest first; no key without the
        rule."""
        week = self.words.week.overlay
        if week is None:
            return {}
        rows = np.flatnonzero(self.mine & (week.divergence != 0))
        order = rows[np.argsort(-np.nan_to_num(self.revenue[rows]), kind="stable")]
        return {"diverging": [self._against(int(row)) for row in order]}

    def _against(self, row: int) -> dict[str, Any]:
        stored = self.rows[row]
        return {
            "account_id": stored["account_id"],
            "name": stored["name"] or stored["account_id"],
            "owner": stored["csm_email"],
            "arr": stored["arr"],
            "score": stored["score"],
            "tier": stored["tier"],
            "computed_tier": stored["computed_tier"],
            "divergence": stored["overlay_divergence"],
            "recorded_on": day_text(stored["pulse_day"]),
            "words": sentence(self.words.overlay(row)),
        }

    def _overlay(self, stored: Row, row: int) -> dict[str, Any]:
        """`computed_tier` and `overlay` with its words, for a model that has the rule."""
        found = overlay_entry(stored)
        if not found:
            return {}
        words = sentence(self.words.overlay(row))
        return {"computed_tier": stored["computed_tier"], "overlay": {**found["overlay"], "words": words}}

    def _change(self, row: int) -> dict[str, Any] | None:
        """The stored change, every line with its words."""
        found = change(self.rows[row])
        if found is not None:
            words = {(item.kind, item.name, item.cause): text for item, text in self.words.ledger_lines(row)}
            for item in found["items"]:
                item["words"] = words[item["kind"], item["name"], item["cause"]]
        return found

    def _plan(self, stored: Row) -> dict[str, Any]:
        """Who is on it and by when, from the service levels of the tier; counted from the day it was entered."""
        sla = next((tier.sla for tier in self.model.tiers if tier.name == stored["tier"]), None)
        since = stored["tier_since"]

        def due(days: int | None) -> str | None:
            return None if days is None else to_date(add_working_days(since, days)).isoformat()

        return {
            "owner": stored["csm_email"],
            "owner_by": due(sla.owner_days) if sla else None,
            "touch_by": due(sla.touch_days) if sla else None,
            "plan_by": due(sla.plan_days) if sla else None,
            "touched_since": stored["last_touch_day"] is not None and stored["last_touch_day"] >= since,
        }

    def _entries(self, flags: AnyArray) -> list[dict[str, Any]]:
        rows = np.flatnonzero(flags)
        order = rows[np.argsort(-np.nan_to_num(self.revenue[rows]), kind="stable")]
        return [self.entry(int(row)) for row in order]

    def _known_revenue(self, flags: AnyArray) -> float | None:
        """Revenue of some accounts; None when it is known of none of them."""
        known = self.revenue[flags][~np.isnan(self.revenue[flags])]
        return float(known.sum()) if len(known) else None

    def _moved_by_model(self, moved: AnyArray) -> AnyArray:
        """Accounts whose tier differs because the model does: an effect to look at, not a change of status."""
        earlier = self.context.before
        if earlier is None or earlier.version.key == self.context.version.key:
            return np.zeros(len(moved), dtype=bool)
        return moved

    def _gone(self) -> list[dict[str, Any]]:
        earlier = self.context.before
        if earlier is None:
            return []
        here = {row["account_id"] for row in self.rows}
        return [
            {
                "account_id": row["account_id"],
                "name": row["name"] or row["account_id"],
                "owner": row["csm_email"],
                "arr": row["arr"],
                "score": row["score"],
                "tier": row["tier"],
                "weeks_in_tier": row["weeks_in_tier"],
                "renewal": day_text(row["term_end_day"]),
            }
            for row in earlier.rows
            if row["account_id"] not in here
            and (self.owner is None or row["csm_email"] == self.owner)
            and (self.segment is None or row["segment"] == self.segment)
        ]

    def _tiers(self) -> list[dict[str, Any]]:
        now = self.words.week.states.displayed
        labels = {tier.name: tier.label for tier in self.model.tiers} | {"insufficient": "Insufficient data"}
        found = []
        for name, label in labels.items():
            flags = self.mine & (now == TIER_CODES[name])
            was = self.mine & (self.before == TIER_CODES[name])
            found.append(
                {
                    "tier": name,
                    "label": label,
                    "accounts": int(flags.sum()),
                    "arr": float(np.nansum(self.revenue[flags])),
                    "accounts_before": int(was.sum()) if self.context.before else None,
                }
            )
        return found

    def _capacity(self) -> dict[str, Any] | None:
        """The line of the whole team, or of the owner the review is about."""
        settings = self.context.workspace.settings
        whole = self if self.segment is None else Review(self.context, self.owner)
        _, ranked, keep = whole.ranked
        found = WorkList(
            rows=[self.rows[row] for row in keep.tolist()],
            priority=ranked.priority,
            tier=self.words.week.states.displayed[keep],
            shown=self.mine[keep],
        )
        return capacity_entry(settings.capacity, found, settings.currency.reporting, self.owner)

    def _movement(self) -> dict[str, Any] | None:
        if self.context.before is None:
            return None
        now = self.words.week.states.displayed
        found = movement(self.before[self.mine], now[self.mine], self.revenue[self.mine])
        return {
            "states": list(STATES),
            "count": found.count.tolist(),
            "arr": found.revenue.tolist(),
            "up": found.up,
            "down": found.down,
            "up_arr": found.up_revenue,
            "down_arr": found.down_revenue,
        }

    def _alarm(self) -> dict[str, Any]:
        _, tiers = self.history
        attributes = self.words.week.scores.inputs.attributes
        columns = {
            name: attributes[name][self.mine]
            for name in ("segment", "plan", "csm_email")
            if name in attributes
        }
        alarm = structural_alarm(tiers[self.mine], self.revenue[self.mine], columns)
        since = self.context.day - WEEK * alarm.weeks
        return {
            "raised": alarm.raised and alarm.shift.accounts >= ALARM_ACCOUNTS,
            "since": to_date(since).isoformat(),
            "share_count": alarm.shift.share_count,
            "share_arr": alarm.shift.share_revenue,
            "breakdown": {
                name: [
                    {
                        "value": value,
                        "accounts": s.accounts,
                        "net_count": s.net_count,
                        "net_arr": s.net_revenue,
                    }
                    for value, s in parts[:5]
                ]
                for name, parts in alarm.breakdown.items()
            },
        }


def review_document(
    context: WeekContext, owner: str | None = None, segment: str | None = None
) -> dict[str, Any]:
    """The review of a published week as a document (docs/reference/json.md)."""
    return Review(context, owner, segment).document()
