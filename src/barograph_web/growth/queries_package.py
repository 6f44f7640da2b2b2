"""What an account manager needs to take an account up: gathered when the hand-over is written, kept with it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from barograph_web.growth.evidence import gather, offered, owner_of
from barograph_web.growth.models import Goal, UseCaseRequest
from barograph_web.growth.readiness import Evidence, is_met, judge, not_bought
from barograph_web.growth.rules import GrowthRules
from barograph_web.portfolio.models import Account, AccountFact, FactKind, Standing, Week
from barograph_web.portfolio.queries_account import KEY_ROLES

SHOWN = 12


def package_of(account: Account, week: Week | None, rules: GrowthRules, today: date) -> dict[str, Any]:
    """The package of an account, as JSON: conditions, use, people, goals, open issues, products, requests, contract.

    Without a scored week the parts that need one are empty.
    """
    evidence = gather([account], week, rules, today)[account.account_id] if week is not None else Evidence()
    conditions = judge(evidence, rules, today)
    standing = Standing.objects.filter(week=week, account=account).values(
        "detail__signals", "detail__heading_words"
    )
    told = standing.first() if week is not None else None
    facts = _facts(account)
    return {
        "as_of": week.as_of.isoformat() if week is not None else None,
        "ready": is_met(conditions),
        "conditions": [c.to_json() for c in conditions],
        "heading": (told or {}).get("detail__heading_words") or "",
        "use": [
            {"label": s["label"], "words": s["words"]}
            for s in ((told or {}).get("detail__signals") or ())[:SHOWN]
        ],
        "people": people_of(facts.get(FactKind.CONTACT, ()), evidence.promoters),
        "goals": goals_of(account, facts.get(FactKind.GOAL, ())),
        "severe": [s.words for s in evidence.severe or ()],
        "bought": sorted(evidence.bought),
        "missing": not_bought(offered(), evidence.bought),
        "requests": list(
            UseCaseRequest.objects.filter(account_id=account.account_id, state="open").values_list(
                "title", flat=True
            )
        ),
        "arr": account.arr,
        "renewal_on": account.renewal_on.isoformat() if account.renewal_on else None,
        "opt_out_on": account.opt_out_on.isoformat() if account.opt_out_on else None,
    }


def first_words(package: Mapping[str, Any]) -> dict[str, str]:
    """What the form of a hand-over begins with, for a person to correct."""
    people = [
        f"{p['name']}{', ' + p['title'] if p['title'] else ''} ({p['role']})" for p in package["people"][:4]
    ]
    goals = [f"{g['title']}: {g['words']}" for g in package["goals"] if g["confirmed"]]
    used = next((c["words"] for c in package["conditions"] if c["name"] == "used" and c["holds"]), "")
    why = [package["heading"], f"{used[:1].upper()}{used[1:].partition(';')[0]}." if used else ""]
    return {
        "why_now": " ".join(part for part in why if part),
        "talk_to": "\n".join(people),
        "achieved": "\n".join(goals[:5]),
        "risks": "\n".join(package["severe"]),
    }


def people_of(contacts: Sequence[Mapping[str, Any]], promoters: Mapping[str, date]) -> list[dict[str, Any]]:
    """Sponsors, champions, buyers, administrators and promoters who are there, in that order."""
    found = []
    for data in contacts:
        if data.get("valid_to") or data.get("status") == "departed":
            continue
        key, role = str(data.get("contact_id") or ""), str(data.get("role") or "")
        if role in KEY_ROLES or key in promoters:
            found.append(
                {
                    "contact_id": key, "name": str(data.get("name") or key), "title": str(data.get("title") or ""),
                    "role": role.replace("_", " ") or "contact", "promoter": key in promoters,
                    "place": KEY_ROLES.index(role) if role in KEY_ROLES else len(KEY_ROLES),
                }
            )  # fmt: skip
    found.sort(key=lambda p: (p["place"], p["name"]))
    return [{k: v for k, v in person.items() if k != "place"} for person in found[:SHOWN]]


def goals_of(account: Account, facts: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Goals of the plan and of the data, confirmed ones first."""
    entered = [
        {"title": goal.title, "words": _progress(goal.baseline, goal.measured, goal.target, goal.unit),
         "confirmed": goal.confirmed_on is not None, "due_on": goal.due_on.isoformat() if goal.due_on else None}
        for goal in Goal.objects.filter(account_id=account.account_id).exclude(state="dropped")
    ]  # fmt: skip
    imported = [
        {"title": str(data.get("title") or data.get("goal_id")),
         "words": _progress(data.get("baseline"), data.get("measured"), data.get("target"), data.get("unit") or ""),
         "confirmed": bool(data.get("confirmed_at")), "due_on": data.get("due_on")}
        for data in facts
        if not str(data.get("goal_id", "")).startswith("app-goal-")
    ]  # fmt: skip
    return sorted([*entered, *imported], key=lambda g: (not g["confirmed"], g["due_on"] or "9999"))[:SHOWN]


def _progress(baseline: float | None, measured: float | None, target: float | None, unit: str) -> str:
    """ "from 42 to 33.3 minutes; 30 wanted"."""
    begins = f"from {baseline:g} " if baseline is not None else ""
    so_far = f"{begins}to {measured:g} {unit}" if measured is not None else f"{begins}{unit}, not measured"
    return f"{so_far.strip(' ,')}{f'; {target:g} wanted' if target is not None else ''}"


def _facts(account: Account) -> dict[str, list[Mapping[str, Any]]]:
    rows = AccountFact.objects.filter(
        account_id=owner_of(account.account_id), kind__in=[FactKind.CONTACT, FactKind.GOAL]
    ).order_by("-on", "key")
    found: dict[str, list[Mapping[str, Any]]] = {}
    for kind, data in rows.values_list("kind", "data"):
        found.setdefault(kind, []).append(data)
    return found
