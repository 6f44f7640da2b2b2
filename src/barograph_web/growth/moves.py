"""Every move that people make, in one table: thing -> moves, each with its words, its form and the service
that does it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from barograph_web.growth import forms as f
from barograph_web.growth import services_advocates as advocates
from barograph_web.growth import services_escalations as escalations
from barograph_web.growth import services_hand_over as hand_overs
from barograph_web.growth import services_opportunities as deals
from barograph_web.growth import services_plans as plans
from barograph_web.growth.history import MACHINES
from barograph_web.growth.models import (
    Ask,
    Consent,
    Escalation,
    Goal,
    HandOver,
    Kept,
    Opportunity,
    SuccessPlan,
    UseCaseRequest,
)
from barograph_web.growth.rules import GrowthRules
from barograph_web.portfolio.models import Account
from barograph_web.users.models import User

Data = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Doing:
    """Who does it, when, on whose account, by which rules."""

    by: User
    now: datetime
    today: date
    account: Account
    rules: GrowthRules

    @property
    def who(self) -> dict[str, Any]:
        return {"by": self.by, "now": self.now}


@dataclass(frozen=True, slots=True)
class Move:
    """title: of the button. done: what is said afterwards. primary: the usual next step; danger: it ends something."""

    title: str
    form: type[f.MoveForm]
    work: Callable[[Any, Data, Doing], Kept]
    done: str
    primary: bool = False
    danger: bool = False
    words: str = ""


def _goal_wanted(d: Data) -> plans.GoalWanted:
    return plans.GoalWanted(d["title"], d["baseline"], d["target"], d["unit"], d["due_on"])


def _deal(d: Data) -> dict[str, Any]:
    return {name: d[name] for name in ("title", "kind", "amount", "opened_on")}


_HAND_OVER: dict[str, Move] = {
    "accept": Move(
        "Accept", f.MoveForm, lambda r, d, o: hand_overs.accept(r, seen=d["seen"], **o.who), "Accepted.", primary=True
    ),
    "refuse": Move(
        "Refuse", f.RefuseForm,
        lambda r, d, o: hand_overs.refuse(r, seen=d["seen"], why=d["why"], words=d["words"], **o.who), "Refused.",
        danger=True,
    ),
    "send_on": Move(
        "Ask somebody else", f.SendOnForm,
        lambda r, d, o: hand_overs.send_on(
            r, to=d["to"], seen=d["seen"], words=d["words"], rules=o.rules, account=o.account, **o.who
        ),
        "Sent on.",
    ),
    "withdraw": Move(
        "Take it back", f.WordsForm,
        lambda r, d, o: hand_overs.withdraw(r, seen=d["seen"], words=d["words"], **o.who), "Taken back.", danger=True,
    ),
    "conclude": Move(
        "Conclude", f.WordsForm,
        lambda r, d, o: hand_overs.conclude(r, seen=d["seen"], words=d["words"], **o.who), "Concluded.",
        words="Say what came of it: nothing more is expected.",
    ),
}  # fmt: skip
_REQUEST: dict[str, Move] = {
    "decline": Move(
        "Decline", f.WordsForm,
        lambda r, d, o: hand_overs.decline_request(r, seen=d["seen"], words=d["words"], **o.who), "Declined.",
        danger=True,
    ),
}  # fmt: skip
_OPPORTUNITY: dict[str, Move] = {
    "win": Move(
        "Won", f.WinForm,
        lambda r, d, o: deals.close(
            r, won=True, seen=d["seen"], closed_on=d["closed_on"], words=d["words"], today=o.today, **o.who
        ),
        "Won.", primary=True,
    ),
    "lose": Move(
        "Lost", f.LoseForm,
        lambda r, d, o: deals.close(
            r, won=False, seen=d["seen"], closed_on=d["closed_on"], words=d["words"], today=o.today, **o.who
        ),
        "Lost.", danger=True,
    ),
    "edit": Move(
        "Correct", f.EditDealForm, lambda r, d, o: deals.edit(r, seen=d["seen"], today=o.today, **_deal(d), **o.who),
        "Corrected.",
    ),
    "reopen": Move(
        "It goes on", f.WordsForm, lambda r, d, o: deals.reopen(r, seen=d["seen"], words=d["words"], **o.who),
        "Open again.",
    ),
}  # fmt: skip
_PLAN: dict[str, Move] = {
    "agree": Move(
        "The customer agreed", f.WordsForm,
        lambda r, d, o: plans.agree_plan(r, seen=d["seen"], words=d["words"], **o.who), "Agreed.", primary=True,
        words="Say with whom it was agreed, and how. From then on its goals count in the value signals.",
    ),
    "edit": Move(
        "Say anew what they bought it for", f.EditPlanForm,
        lambda r, d, o: plans.edit_plan(r, seen=d["seen"], summary=d["summary"], **o.who), "Kept.",
    ),
    "close": Move(
        "Close the plan", f.WordsForm, lambda r, d, o: plans.close_plan(r, seen=d["seen"], words=d["words"], **o.who),
        "Closed.", danger=True,
    ),
}  # fmt: skip
_GOAL: dict[str, Move] = {
    "measure": Move(
        "Measure", f.MeasureForm,
        lambda r, d, o: plans.measure(
            r, value=d["value"], on=d["on"], words=d["words"], seen=d["seen"], today=o.today, **o.who
        ),
        "Kept.", primary=True,
    ),
    "confirm": Move(
        "The customer confirmed it", f.ConfirmForm,
        lambda r, d, o: plans.confirm(
            r, who=d["who"], how=d["how"], on=d["on"], seen=d["seen"], today=o.today, **o.who
        ),
        "Confirmed.",
    ),
    "edit": Move(
        "Correct", f.EditGoalForm,
        lambda r, d, o: plans.edit_goal(r, _goal_wanted(d), seen=d["seen"], **o.who), "Corrected.",
    ),
    "miss": Move(
        "Missed", f.WordsForm,
        lambda r, d, o: plans.settle_goal(r, "miss", words=d["words"], seen=d["seen"], **o.who), "Kept as missed.",
        danger=True,
    ),
    "drop": Move(
        "No longer wanted", f.WordsForm,
        lambda r, d, o: plans.settle_goal(r, "drop", words=d["words"], seen=d["seen"], **o.who), "Dropped.",
        danger=True,
    ),
    "reopen": Move(
        "Open again", f.WordsForm,
        lambda r, d, o: plans.settle_goal(r, "reopen", words=d["words"], seen=d["seen"], **o.who), "Open again.",
    ),
}  # fmt: skip
_ASK: dict[str, Move] = {
    "agree": Move(
        "They agreed", f.AgreeAskForm,
        lambda r, d, o: advocates.agree(
            r, consent=d["consent"], seen=d["seen"], words=d["words"], today=o.today, **o.who
        ),
        "Kept.", primary=True,
    ),
    "refuse": Move(
        "They refused", f.WordsForm,
        lambda r, d, o: advocates.refuse(r, seen=d["seen"], words=d["words"], today=o.today, **o.who),
        "Kept. They are left in peace for a while.", danger=True,
    ),
    "done": Move(
        "It took place", f.WordsForm,
        lambda r, d, o: advocates.end(r, "done", seen=d["seen"], words=d["words"], today=o.today, **o.who), "Kept.",
        primary=True,
    ),
    "fall_through": Move(
        "It fell through", f.WordsForm,
        lambda r, d, o: advocates.end(r, "fall_through", seen=d["seen"], words=d["words"], today=o.today, **o.who),
        "Kept.", danger=True,
    ),
    "withdraw": Move(
        "Take the ask back", f.WordsForm,
        lambda r, d, o: advocates.end(r, "withdraw", seen=d["seen"], words=d["words"], today=o.today, **o.who),
        "Taken back.",
    ),
}  # fmt: skip
_CONSENT: dict[str, Move] = {
    "withdraw": Move(
        "They took it back", f.WordsForm,
        lambda r, d, o: advocates.withdraw_consent(r, seen=d["seen"], words=d["words"], **o.who),
        "Kept: it does not count from now on.", danger=True,
    ),
}  # fmt: skip
_ESCALATION: dict[str, Move] = {
    "update": Move(
        "Add what is new", f.WordsForm,
        lambda r, d, o: escalations.update(r, seen=d["seen"], words=d["words"], **o.who), "Added.", primary=True,
    ),
    "resolve": Move(
        "Resolve", f.ResolveForm,
        lambda r, d, o: escalations.resolve(r, seen=d["seen"], cause=d["cause"], words=d["words"], **o.who),
        "Resolved.", ),
    "reassign": Move(
        "Owner, severity, functions", f.ChangeEscalationForm,
        lambda r, d, o: escalations.change(
            r, seen=d["seen"], owner=d["owner"], severity=d["severity"], functions=d["functions"], words=d["words"],
            **o.who,
        ),
        "Changed.",
    ),
    "reopen": Move(
        "Open again", f.WordsForm,
        lambda r, d, o: escalations.reopen(r, seen=d["seen"], words=d["words"], rules=o.rules, **o.who), "Open again.",
        danger=True,
    ),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of thing with a page of its own. slug: in addresses; template: what its page shows of it."""

    slug: str
    model: type[Kept]
    title: str
    tab: str
    moves: Mapping[str, Move]

    def possible(self, row: Kept) -> dict[str, Move]:
        """The moves that its state has, in the order of the table. `reassign` covers `reclassify`."""
        machine = MACHINES[self.model.THING]
        return {name: move for name, move in self.moves.items() if machine.after(row.state, name) is not None}


KINDS: dict[str, Kind] = {
    kind.slug: kind
    for kind in (
        Kind("hand-overs", HandOver, "Hand-over", "pipeline", _HAND_OVER),
        Kind("requests", UseCaseRequest, "Request", "expansion", _REQUEST),
        Kind("opportunities", Opportunity, "Opportunity", "pipeline", _OPPORTUNITY),
        Kind("plans", SuccessPlan, "Success plan", "plans", _PLAN),
        Kind("goals", Goal, "Goal", "plans", _GOAL),
        Kind("asks", Ask, "Ask", "advocates", _ASK),
        Kind("consents", Consent, "Consent", "advocates", _CONSENT),
        Kind("escalations", Escalation, "Escalation", "escalations", _ESCALATION),
    )
}
SLUG_OF: dict[str, str] = {kind.model.THING: slug for slug, kind in KINDS.items()}
