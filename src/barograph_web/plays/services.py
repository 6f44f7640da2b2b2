"""Writes of plays, under one roof. What each does is said where it is defined; all audit in their transaction.

Every function takes `now` for the instant it happens at; without it, the present one (ops/workspace.py).
"""

from __future__ import annotations

from barograph_web.plays.errors import OvertakenError, RefusedError
from barograph_web.plays.services_clocks import cancel_clocks, pause, resume, start_clock, stop_clocks
from barograph_web.plays.services_incidents import acknowledge, drop_incident, release
from barograph_web.plays.services_pools import save_pool
from barograph_web.plays.services_risk import accept_loss, invest, withdraw
from barograph_web.plays.services_runs import cancel_run, close_run, open_play, snooze_play
from barograph_web.plays.services_tasks import add_task, complete, drop, hand_over, move, snooze, wake
from barograph_web.plays.services_touches import log_touch, plan_made

__all__ = [
    "OvertakenError",
    "RefusedError",
    "accept_loss",
    "acknowledge",
    "add_task",
    "cancel_clocks",
    "cancel_run",
    "close_run",
    "complete",
    "drop",
    "drop_incident",
    "hand_over",
    "invest",
    "log_touch",
    "move",
    "open_play",
    "pause",
    "plan_made",
    "release",
    "resume",
    "save_pool",
    "snooze",
    "snooze_play",
    "start_clock",
    "stop_clocks",
    "wake",
    "withdraw",
]
