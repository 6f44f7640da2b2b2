"""The API: every endpoint is registered here."""

from __future__ import annotations

from ninja import NinjaAPI

from barograph_web.api import accounts, alerts, decisions, imports, problems, runs, weeks, work
from barograph_web.api.docs import OfflineSwagger, for_callers
from barograph_web.api.throttle import CallerThrottle

DESCRIPTION = """\
Accounts, scores with what they are made of, the Monday review, decisions, imports and runs.

Scores run from 0 to 100; higher is healthier. A score is a hypothesis about a renewal. Unknown is `null`, never 0.
Account ids stand in addresses with `~` in place of `%` (`a/b` is `a~2Fb`). Errors are `application/problem+json`.
"""

api = NinjaAPI(
    title="Barograph",
    version="1",
    description=DESCRIPTION,
    urls_namespace="api",
    docs=OfflineSwagger(),
    docs_decorator=for_callers,
    throttle=[CallerThrottle()],
)
for router in (
    accounts.router,
    weeks.router,
    decisions.router,
    imports.router,
    runs.router,
    alerts.router,
    work.router,
):
    api.add_router("", router)
problems.install(api)
