"""Which starter fits a data set, and who is scored and what is lost where the data cannot follow it."""

from __future__ import annotations

from barograph.definitions.model import Population, ScoreModel
from barograph.definitions.propose.data_profile import DataProfile
from barograph.definitions.propose.purchases import activity_rule, find_purchases, on_purchases
from barograph.definitions.starters import StarterName


def choose_base(profile: DataProfile, base: StarterName | None) -> tuple[StarterName, list[str]]:
    """The starter and why: the one asked for, else by contracts, purchases and use, in this order."""
    if base is not None:
        return base, [f"Built on {base}, as asked for."]
    dated = profile.dated_contracts
    if dated is not None and dated >= 0.5:
        return "saas", [f"Built on saas: {dated:.0%} of the contracts have an end date."]
    if dated is not None:
        share = f"only {dated:.0%} of the contracts have" if dated >= 0.005 else "no contract has"
        return "evergreen", [f"Built on evergreen: {share} an end date."]
    purchases = find_purchases(profile)
    if purchases is not None:
        what = f'"{purchases.event}" events' if purchases.event else purchases.source
        return "lapse", [f"Built on lapse: there are no contracts, and {what} tell who still buys."]
    if "events" in profile.tables or "metrics" in profile.tables:
        return "evergreen", [
            "Built on evergreen: there are no contracts and no purchases, but use is recorded."
        ]
    return "saas", ["Built on saas: there are neither contracts nor purchases nor use."]


def with_rules(starter: ScoreModel, profile: DataProfile, name: StarterName, notes: list[str]) -> ScoreModel:
    """The starter with population and outcome rules that the data can follow."""
    purchases = find_purchases(profile)
    if name == "lapse" and purchases is not None:
        rule = f"nothing bought for {purchases.horizon_days} days"
        if purchases.every_days is not None:
            rule += f"; customers usually buy again after {purchases.every_days:.0f}"
        notes.append(
            f"An account counts as lost with {rule}. Set outcome > lapse to what fits your business."
        )
        return on_purchases(starter, purchases)
    if profile.dated_contracts is not None and name != "lapse":
        return starter
    usage = [
        profile.tables[t] for t in ("events", "metrics") if t in profile.tables and profile.tables[t].rows
    ]
    if usage:
        table = max(usage, key=lambda t: t.accounts)
        population, outcome = activity_rule(table)
        horizon = outcome.lapse.horizon_days if outcome.lapse is not None else 0
        notes.append(f"An account counts as lost when {table.name} say nothing of it for {horizon} days.")
        if "accounts" in profile.tables:
            population = Population(rule="accounts")
        return starter.model_copy(update={"population": population, "outcome": outcome})
    if "outcomes" not in profile.tables:
        notes.append("Nothing tells who was lost: import contracts or outcomes before you learn weights.")
    outcome = starter.outcome.model_copy(update={"source": "auto", "lapse": None})
    if "accounts" in profile.tables:
        return starter.model_copy(update={"population": Population(rule="accounts"), "outcome": outcome})
    widest = max(
        (t for t in profile.tables.values() if t.first_day is not None),
        key=lambda t: t.accounts,
        default=None,
    )
    population = (
        Population(rule="activity", source=widest.name, active_days=365)
        if widest
        else Population(rule="accounts")
    )
    return starter.model_copy(update={"population": population, "outcome": outcome})
