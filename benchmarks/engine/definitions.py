"""The signals that are measured: twenty on events alone, and the four of them that other tools compute as well."""

from __future__ import annotations

from barograph.definitions.model import ScoreModel
from barograph.definitions.signal import SignalBase, Sum
from barograph.definitions.starters import load_starter

FOUR = ("events_28", "quantity_28", "users_28", "features_28")


def usage_model() -> ScoreModel:
    """The starter with twenty signals on events, over 7 to 84 days, in place of its own."""
    starter = load_starter("saas")
    ready = {signal.name: signal for signal in starter.signals}
    plain = {"weight": 0, "variants": (), "stale_after_days": None, "max_gap_days": None, "min_support": 0}

    def like(name: str, new: str, **more: object) -> SignalBase:
        return ready[name].model_copy(update={**plain, "name": new, **more})

    anything: dict[str, object] = {"where": {}}
    counts = [like("logins", f"events_{days}", window_days=days, **anything) for days in (7, 28, 84)]
    users = [like("active_users", f"users_{days}", window_days=days, **anything) for days in (7, 28, 84)]
    own = (
        "feature_breadth",
        "user_days",
        "team_breadth",
        "logins",
        "value_users",
        "usage_change",
        "sudden_change",
    )
    found = [
        *counts,
        *users,
        like("active_users", "features_28", measure="feature", **anything),
        _quantity(like("logins", "quantity_28", **anything)),
        *(like(name, name) for name in own),
        like("active_users", "active_users"),
        like("power_users_change", "power_users_change"),
        like("usage_trend", "usage_trend"),
        ready["stickiness"].model_copy(update=plain),
        ready["value_share"].model_copy(update=plain),
    ]
    return _of(starter, found)


def four_signals() -> ScoreModel:
    """Events, quantity, users and features of 28 days."""
    whole = usage_model()
    return _of(whole, [signal for signal in whole.signals if signal.name in FOUR])


def _quantity(count: SignalBase) -> SignalBase:
    """The sum of `quantity` over what a count counts."""
    return Sum.model_validate(
        {**count.model_dump(), "template": "sum", "name": "quantity_28", "measure": "quantity"}
    )


def _of(model: ScoreModel, signals: list[SignalBase]) -> ScoreModel:
    update = {"signals": tuple(signals), "caps": (), "growth_gate": (), "targets": ()}
    return model.model_copy(update=update)
