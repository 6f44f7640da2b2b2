"""The seeded company's newest week, ready to be decided on, for the tests of the review."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from barograph_web.portfolio.models import Account, Standing, Week
from barograph_web.review import queries, services
from barograph_web.review.models import Decision
from barograph_web.users.models import User

TODAY = date(2026, 11, 18)


@dataclass(frozen=True)
class Monday:
    """The newest two weeks, and the accounts of the attention list of the whole company in order."""

    week: Week
    before: Week
    listed: list[Account]

    def of(self, user: User) -> list[Account]:
        """Listed accounts of one person, else of nobody else's."""
        return [a for a in self.listed if user.email in (a.csm_email, a.am_email)]


def monday() -> Monday:
    """Reads the projected company."""
    week, before = Week.objects.all()[:2]
    plan = queries.plan_of(week)
    rows = queries.attention(week, Account.objects.all(), plan, week.as_of)[: plan.at_most]
    return Monday(
        week, before, [row.account for row in rows.select_related("account").defer("detail", "review")]
    )


def standing_of(week: Week, account: Account) -> Standing:
    return Standing.objects.get(week=week, account=account)


def planned(
    account: Account, week: Week, by: User, *, due_in: int, step: str = "Call the sponsor"
) -> Decision:
    """A next step that was agreed in a week and is due some days after that Monday."""
    wanted = services.Wanted("agree", owner=by, next_step=step, due_on=week.as_of + timedelta(days=due_in))
    latest = services.latest_of(account.account_id, week.as_of)
    return services.decide(account, week.as_of, wanted, by=by, seen=latest.pk if latest else None)
