"""A seeded company, block by block: first what is decided about accounts, then the tables that show it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from barograph.definitions.tables import TABLES
from barograph.errors import UsageError
from barograph.synthetic import (
    accounts,
    contracts,
    deals,
    engagement,
    latent,
    legacy,
    money,
    people,
    stories,
    support,
    told_facts,
    usage,
    value,
    voice,
)
from barograph.synthetic.activity import Life, life
from barograph.synthetic.frame import NEVER, Bools, Columns, Ints
from barograph.synthetic.spec import CompanySpec


@dataclass(frozen=True, slots=True)
class Block:
    """Everything decided about up to `spec.BLOCK` accounts, from which their tables are made."""

    spec: CompanySpec
    number: int
    profile: accounts.Profile
    milestone_days: Ints
    tenures: dict[str, people.Tenures]
    latent: latent.Latent
    terms: contracts.Terms
    lives: Life

    def tables(self, only: Sequence[str] = tuple(TABLES)) -> dict[str, pa.Table]:
        """The tables named, in the order of the contract."""
        makers = self._makers()
        return {name: makers[name]() for name in TABLES if name in only}

    def _makers(self) -> dict[str, Callable[[], pa.Table]]:
        spec, number, profile = self.spec, self.number, self.profile
        hidden, lives, terms = self.latent, self.lives, self.terms
        lost_day = terms.lost_day
        contact_table, persons = people.table(spec, number, profile, self.tenures, lost_day)

        def all_tickets() -> list[Columns]:
            return [
                support.draw(spec, number, profile, hidden, lives, persons),
                *told_facts.tickets(spec, number, profile, lives, persons),
            ]

        def interactions() -> pa.Table:
            drawn = list(engagement.draw(spec, number, profile, hidden, lives).items())
            parts = [*drawn, *told_facts.touches(spec, number)]
            return engagement.table(spec, number, profile, hidden, persons, parts)

        def views() -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
            return usage.page_views(spec, number, profile)

        def events() -> pa.Table:
            seats = contracts.seats_by_week(spec, terms, profile.n)
            seats = np.where(profile.internal[:, None], profile.seats[:, None], seats)
            wanted = usage.demand(spec, profile, hidden, lives, seats)
            return usage.events(spec, number, profile, hidden, lives, wanted, views())

        unpaid = told_facts.invoices(spec, number, profile)
        advocacy = told_facts.references(spec, number, profile)
        return {
            "accounts": lambda: accounts.table(spec, number, profile, lost_day),
            "contracts": lambda: deals.contracts(spec, number, profile, terms),
            "outcomes": lambda: deals.outcomes(spec, number, profile, hidden, terms),
            "events": events,
            "metrics": lambda: usage.metrics(spec, number, profile, lives, views()),
            "tickets": lambda: support.tickets(spec, number, all_tickets()),
            "contacts": lambda: contact_table,
            "interactions": interactions,
            "surveys": lambda: voice.surveys(spec, number, profile, hidden, lives, persons, lost_day),
            "invoices": lambda: money.invoices(spec, number, profile, hidden, terms, lives, unpaid),
            "milestones": lambda: value.milestones(spec, number, profile, self.milestone_days, lives),
            "opportunities": lambda: deals.opportunities(spec, number, profile, terms),
            "pulses": lambda: voice.pulses(spec, number, profile, hidden, lives, self._sponsor_known()),
            "escalations": lambda: support.escalations(spec, number, profile, all_tickets(), lives),
            "goals": lambda: value.goals(spec, number, profile, hidden, lives, persons),
            "references": lambda: voice.references(spec, number, profile, hidden, lives, advocacy),
            "legacy_scores": lambda: legacy.scores(spec, number, profile, hidden, lives),
        }

    def _sponsor_known(self) -> Bools:
        """n x weeks: the sponsor's going is on record."""
        sponsor = self.tenures["sponsor"]
        return people.Tenures(sponsor.learned, sponsor.filled, sponsor.learned, sponsor.warned).empty(
            self.spec
        )


class Company:
    """The company that a spec describes. It keeps nothing; each call draws the same blocks anew."""

    def __init__(self, spec: CompanySpec) -> None:
        self.spec = spec

    def block(self, number: int) -> Block:
        """Decide everything about one block of accounts (0 to `spec.blocks` - 1)."""
        spec = self.spec
        if not 0 <= number < spec.blocks:
            raise UsageError(
                f"block {number} does not exist; there are {spec.blocks}.", where="Company.block"
            )
        profile = accounts.draw(spec, number)
        days = value.draw_milestones(spec, number, profile.n)
        stories.cast(spec, number, profile, days)
        tenures = {
            role: people.draw(spec, number, role, profile.start_day) for role in ("sponsor", "champion")
        }
        stories.tenures(spec, number, tenures)
        paths = latent.draw(spec, number, profile.n)
        left = tenures["champion"].left[:, 0]
        latent.champion_effect(paths, np.where(left == NEVER, -1, (left - spec.start_day) // 7))
        hidden = latent.Latent(
            paths={},
            power_shift=np.zeros((profile.n, spec.weeks)),
            sponsor_gone=tenures["sponsor"].empty(spec),
            champion_gone=tenures["champion"].empty(spec),
            milestone_missed=value.missed(days),
        )
        stories.direct(spec, number, paths, hidden.power_shift)
        hidden.paths.update(latent.add_trend(paths))
        script = stories.script(spec, number, profile.n)
        terms = contracts.run(spec, number, profile, hidden, script)
        notice = np.full(profile.n, NEVER)
        leaving = terms.outcome == contracts.CHURNED
        notice[terms.account[leaving]] = terms.decided_at[leaving]
        return Block(
            spec, number, profile, days, tenures, hidden, terms, life(spec, profile, terms.lost_day, notice)
        )

    def blocks(self) -> Iterator[Block]:
        """Every block in turn; only one is in memory at a time."""
        return (self.block(number) for number in range(self.spec.blocks))

    def tables(self, only: Sequence[str] = tuple(TABLES)) -> Iterator[dict[str, pa.Table]]:
        """The tables of every block in turn.

        Raises UsageError for a table that the data contract does not have.
        """
        unknown = sorted(set(only) - set(TABLES))
        if unknown:
            raise UsageError(
                f"there is no table {', '.join(unknown)}.",
                where="Company.tables",
                hint=f"Choose from {', '.join(TABLES)}.",
            )
        return (block.tables(only) for block in self.blocks())


def generate(spec: CompanySpec, only: Sequence[str] = tuple(TABLES)) -> dict[str, pa.Table]:
    """The whole company in memory, a table per name. Meant for up to some thousand accounts."""
    parts = list(Company(spec).tables(only))
    return {name: pa.concat_tables([part[name] for part in parts]) for name in parts[0]}
