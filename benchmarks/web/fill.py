"""Makes a projected company of a few dozen accounts as large as wanted, in the database itself.

The documents, facts and heads are those of the small company, so that every page reads rows of real size; scores and
tiers of the weeks are spread by arithmetic on the keys, so that charts and movements have something to count.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django.db import connection, transaction

from barograph_web.portfolio.models import Account, AccountFact, AccountWeek, Standing, Tier, Week

ACCOUNTS_PER_CSM = 100
FACTS_PER_KIND = 4
MIXED = "(({account} * 7919 + {week} * 104729 + ({account} * {week}) % 977) % 1000)"
"""0 to 999, the same for the same account and week."""
TIER = "CASE WHEN {m} < 90 THEN 'at_risk' WHEN {m} < 110 THEN 'insufficient' WHEN {m} < 380 THEN 'watch' WHEN {m} < 850 THEN 'healthy' ELSE 'growth' END"  # noqa: E501
ORDER = "CASE {tier} WHEN 'at_risk' THEN 0 WHEN 'insufficient' THEN 1 WHEN 'watch' THEN 2 WHEN 'healthy' THEN 3 ELSE 4 END"  # noqa: E501


@dataclass(frozen=True, slots=True)
class Filled:
    """What there is now."""

    accounts: int
    weeks: int
    account_weeks: int
    standings: int
    facts: int
    bytes: int


def fill(accounts: int, weeks: int) -> Filled:
    """Grow the company to so many accounts with so many weeks."""
    small = Account.objects.count()
    newest = list(Week.objects.all()[:2])
    with transaction.atomic():
        _accounts(accounts, small)
        _weeks(weeks)
        _account_weeks()
        for week in newest:
            _standings(week)
        _facts(small)
        for week in Week.objects.all():
            week.totals = _totals(week)
            week.save(update_fields=["totals"])
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return Filled(
        Account.objects.count(),
        Week.objects.count(),
        AccountWeek.objects.count(),
        Standing.objects.count(),
        AccountFact.objects.count(),
        _size(),
    )


def _accounts(accounts: int, small: int) -> None:
    made = []
    originals = list(Account.objects.order_by("pk"))
    for number in range(small, accounts):
        one = originals[number % small]
        made.append(
            Account(
                account_id=f"{one.account_id}-{number}",
                name=f"{one.name} {number}",
                segment=one.segment,
                plan=one.plan,
                lifecycle=one.lifecycle,
                csm_email=f"csm{number % (accounts // ACCOUNTS_PER_CSM or 1)}@example.com",
                am_email=f"am{number % 97}@example.com",
                arr=(one.arr or 10_000.0) * (1 + number % 13 / 10),
                renewal_on=one.renewal_on,
                opt_out_on=one.opt_out_on,
                notice_given=one.notice_given,
                last_touch_on=one.last_touch_on,
            )
        )
    Account.objects.bulk_create(made, batch_size=5_000)
    Account.objects.update(is_current=True)


def _weeks(weeks: int) -> None:
    first = Week.objects.earliest("as_of")
    for _ in range(weeks - Week.objects.count()):
        first.pk, first.as_of = None, first.as_of - timedelta(weeks=1)
        first._state.adding = True
        first.documents_from, first.head = "", {}
        first.save()


def _account_weeks() -> None:
    mixed = MIXED.format(account="a.id", week="w.id")
    tier = TIER.format(m=mixed)
    _run("DELETE FROM portfolio_accountweek")
    _run(
        "INSERT INTO portfolio_accountweek (week_id, account_id, score, tier, computed_tier, arr) "
        f"SELECT w.id, a.id, CASE WHEN {mixed} BETWEEN 90 AND 109 THEN NULL ELSE {mixed} / 10.0 END, "
        f"{tier}, {tier}, a.arr FROM portfolio_week w CROSS JOIN portfolio_account a"
    )


def _standings(week: Week) -> None:
    """Documents of the original account, columns of the clone's own."""
    originals = list(week.standings.order_by("account_id").values_list("account_id", flat=True))
    _run(
        "CREATE TEMPORARY TABLE clones AS SELECT a.id AS account_id, a.arr AS arr, a.opt_out_on AS opt_out_on, "
        f"CAST({originals[0]} AS BIGINT) AS original FROM portfolio_account a WHERE 1 = 0"
    )
    pairs = [
        (pk, arr, opt_out, originals[place % len(originals)])
        for place, (pk, arr, opt_out) in enumerate(
            Account.objects.exclude(pk__in=originals).order_by("pk").values_list("pk", "arr", "opt_out_on")
        )
    ]
    with connection.cursor() as cursor:
        cursor.executemany("INSERT INTO clones VALUES (%s, %s, %s, %s)", pairs)
    tier = TIER.format(m=MIXED.format(account="c.account_id", week=str(week.pk)))
    copied = "previous_tier, tier_since, previous_score, change_4_weeks, moved, about_to_turn, coverage, history, review, detail"  # noqa: E501
    taken = ", ".join(f"s.{name}" for name in copied.split(", "))
    _run(
        f"INSERT INTO portfolio_standing (week_id, account_id, score, tier, tier_order, arr, opt_out_on, {copied}) "
        f"SELECT s.week_id, c.account_id, s.score, {tier}, {ORDER.format(tier=f'({tier})')}, c.arr, c.opt_out_on, "
        f"{taken} FROM clones c JOIN portfolio_standing s ON s.account_id = c.original AND s.week_id = {week.pk}"
    )
    _run("DROP TABLE clones")


def _facts(small: int) -> None:
    """A few facts of each kind for every clone."""
    ids = list(Account.objects.order_by("pk").values_list("account_id", flat=True))
    _run("CREATE TEMPORARY TABLE fact_clones (clone VARCHAR(400), original VARCHAR(400))")
    with connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO fact_clones VALUES (%s, %s)",
            [(name, ids[number % small]) for number, name in enumerate(ids[small:], small)],
        )
    newest = (
        'SELECT * FROM (SELECT f.*, row_number() OVER (PARTITION BY account_id, kind ORDER BY "on" DESC) AS place '
        f"FROM portfolio_accountfact f) ranked WHERE place <= {FACTS_PER_KIND}"
    )
    _run(
        'INSERT INTO portfolio_accountfact (account_id, kind, key, "on", digest, data) '
        'SELECT c.clone, f.kind, f.key, f."on", f.digest, f.data '
        f"FROM fact_clones c JOIN ({newest}) f ON f.account_id = c.original"
    )
    _run("DROP TABLE fact_clones")


def _totals(week: Week) -> dict[str, list[float]]:
    found: dict[str, list[float]] = {tier: [0, 0.0, 0] for tier in Tier.values}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tier, count(*), sum(arr), count(*) - count(arr) FROM portfolio_accountweek WHERE week_id = %s "
            "GROUP BY tier",
            [week.pk],
        )
        for tier, n, arr, unknown in cursor.fetchall():
            found[tier] = [n, arr or 0.0, unknown]
    return found


def _size() -> int:
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()")
        else:
            cursor.execute("SELECT pg_database_size(current_database())")
        return int(cursor.fetchone()[0])


def _run(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)
