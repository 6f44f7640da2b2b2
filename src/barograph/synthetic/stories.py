"""Told accounts: the first accounts of a company, with fixed ids, whose data tell a story worth a meeting.

A story changes what is behind the data (traits, drivers, tenures, the outcome), so its events, tickets and
invoices come from the same machinery as everybody else's; a few single facts are added by `told_facts`.
Days are counted back from the end of the data.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from barograph.synthetic.accounts import Profile
from barograph.synthetic.contracts import CHURNED, OPEN, RENEWED, Script
from barograph.synthetic.frame import NEVER, Floats, Ints, add_months
from barograph.synthetic.names import slug
from barograph.synthetic.people import Tenures
from barograph.synthetic.spec import CompanySpec

ENTERPRISE, MID, SMB = range(3)


@dataclass(frozen=True, slots=True)
class Story:
    """One told account. `renews_in` are days from the end of the data to the end of the current term
    (negative: in the past), `changed` whether it visibly changed within the last two weeks."""

    key: str
    name: str
    tells: str
    segment: int = MID
    seats: int = 18
    renews_in: int = 160
    notice_days: int = 60
    outcome: int = RENEWED
    changed: bool = False
    parent: str = ""

    @property
    def account_id(self) -> str:
        return slug(self.name)


STORIES: tuple[Story, ...] = (
    Story(
        "migration",
        "Larkfield Freight",
        "Grows while its tickets rise: a planned migration, mostly p3 and p4.",
        ENTERPRISE,
        55,
    ),
    Story(
        "green_no_sponsor",
        "Tessaly Insurance",
        "Usage is fine; the sponsor left five weeks ago and nobody followed.",
        ENTERPRISE,
        48,
        110,
    ),
    Story(
        "champion_left",
        "Corvane Apparel",
        "The champion left, use declined, the renewal was lost.",
        MID,
        20,
        -9,
        outcome=CHURNED,
    ),
    Story(
        "rescued", "Harrowfield Media", "Dipped a year ago, was worked, recovered and renewed.", MID, 22, -59
    ),
    Story("onboarding", "Pinemoor Labs", "Five weeks into its first term.", MID, 14, 330),
    Story(
        "notice_given",
        "Oakhollow Foods",
        "Gave notice four days before the end.",
        MID,
        16,
        57,
        outcome=CHURNED,
        changed=True,
    ),
    Story(
        "open_p1",
        "Quillon Health",
        "A p1 has been open for nine days and was escalated.",
        ENTERPRISE,
        40,
        140,
        changed=True,
    ),
    Story(
        "power_users_dropped",
        "Brightmere Studios",
        "Its power users went quiet in the last three weeks.",
        MID,
        24,
        95,
        changed=True,
    ),
    Story(
        "newly_healthy",
        "Velmora Energy",
        "Climbed from weak to strong over the last eight weeks.",
        MID,
        20,
        120,
        changed=True,
    ),
    Story(
        "growth",
        "Sundale Robotics",
        "Everything is strong and an expansion is on the table.",
        ENTERPRISE,
        50,
        125,
    ),
    Story(
        "usage_collapse", "Fennmark Parts", "All use but collapsed two weeks ago.", MID, 18, 100, changed=True
    ),
    Story(
        "sponsor_just_left",
        "Lindqvara Systems",
        "The sponsor's departure was learned six days ago.",
        MID,
        22,
        88,
        changed=True,
    ),
    Story(
        "overdue",
        "Marlowe Packaging",
        "An invoice is 38 days overdue after two failed payments.",
        MID,
        15,
        130,
        changed=True,
    ),
    Story(
        "parent", "Aldermoor Group", "Parent of three accounts that are scored apart.", ENTERPRISE, 35, 200
    ),
    Story(
        "child_north", "Aldermoor North", "Child of Aldermoor Group, steady.", MID, 16, 210, parent="parent"
    ),
    Story("child_south", "Aldermoor South", "Child of Aldermoor Group, weak.", MID, 14, 150, parent="parent"),
    Story(
        "child_digital",
        "Aldermoor Digital",
        "Child of Aldermoor Group, strong.",
        SMB,
        8,
        240,
        parent="parent",
    ),
    Story("two_products", "Doublebrook Analytics", "Two products on two contracts.", ENTERPRISE, 45, 170),
    Story(
        "advocate",
        "Goldenrood Textiles",
        "Speaks for the product: references given and accepted.",
        MID,
        20,
        190,
    ),
    Story("internal", "Internal Sandbox", "The company's own account: no contract.", SMB, 10),
    Story("no_data", "Silent Harbour Trading", "A contract and nothing else.", SMB, 6, 180),
)
POSITION: dict[str, int] = {story.key: number for number, story in enumerate(STORIES)}


def told(spec: CompanySpec, block: int) -> bool:
    """Whether this block holds the told accounts."""
    return spec.stories and block == 0


def cast(spec: CompanySpec, block: int, profile: Profile, milestone_days: Ints) -> None:
    """Give the first accounts their names and traits."""
    if not told(spec, block):
        return
    count = len(STORIES)
    profile.parent[profile.parent < count] = -1
    profile.parent[:count] = -1
    for at, story in enumerate(STORIES):
        profile.ids[at] = story.account_id
        profile.names[at] = story.name
        profile.domains[at] = f"{story.account_id}.example"
        profile.segment[at] = profile.touch[at] = story.segment
        profile.csm[at] = profile.csm[at] // 3 * 3 + story.segment
        profile.seats[at] = story.seats
        profile.notice_days[at] = story.notice_days
        ends = _early(spec.end_day + story.renews_in)
        years = 1 if story.key == "onboarding" else 4
        profile.start_day[at] = add_months(np.array([ends]), -12 * years)[0]
        if story.parent:
            profile.parent[at] = POSITION[story.parent]
    profile.start_day[POSITION["onboarding"]] = _early(spec.end_day - 35)
    profile.term_months[:count] = 12
    profile.currency[:count] = 0
    profile.price[:count] = np.take((1_900.0, 1_500.0, 1_150.0), profile.segment[:count])
    profile.two_products[:count] = False
    profile.two_products[POSITION["two_products"]] = True
    profile.internal[POSITION["internal"]] = True
    profile.quiet[POSITION["no_data"]] = True
    profile.usage_offset[:count] = 0.2
    milestone_days[:count, 0] = 30
    milestone_days[POSITION["onboarding"], 0] = 21


def _early(day: int) -> int:
    """The day itself, or the 28th when it lies after it: then the anniversary exists in every month."""
    date = np.datetime64(day, "D")
    of_month = int((date - date.astype("datetime64[M]").astype("datetime64[D]")).astype(int))
    return day - max(of_month - 27, 0)


def script(spec: CompanySpec, block: int, n: int) -> Script:
    """What is settled about the told accounts' renewals."""
    settled = Script(np.full(n, OPEN), np.zeros(n, dtype=np.bool_), np.zeros(n, dtype=np.bool_))
    if told(spec, block):
        settled.forced[: len(STORIES)] = [story.outcome for story in STORIES]
        settled.on_deadline[: len(STORIES)] = True
        settled.deal[POSITION["growth"]] = True
    return settled


def tenures(spec: CompanySpec, block: int, roles: dict[str, Tenures]) -> None:
    """Nobody leaves the told accounts but those whose story it is."""
    if not told(spec, block):
        return
    count = len(STORIES)
    for tenure in roles.values():
        for dates in (tenure.left, tenure.filled, tenure.learned, tenure.warned):
            dates[:count] = NEVER
    for role, key, left, learned in (
        ("sponsor", "green_no_sponsor", 36, 33),
        ("sponsor", "sponsor_just_left", 9, 6),
        ("champion", "champion_left", 280, 270),
    ):
        tenure = roles[role]
        tenure.left[POSITION[key], 0] = spec.end_day - left
        tenure.learned[POSITION[key], 0] = spec.end_day - learned


def direct(spec: CompanySpec, block: int, paths: dict[str, Floats], power_shift: Floats) -> None:
    """Give the told accounts' drivers their course: steady and fairly good, then what the story says."""
    if not told(spec, block):
        return
    count = len(STORIES)
    weeks = spec.weeks
    for path in paths.values():
        path[:count] = 0.6 + 0.2 * path[:count]

    def course(key: str, names: str, *points: tuple[int, float]) -> None:
        """Straight lines through (weeks before the end, level), the levels before and after held."""
        times = [weeks - 1 - before for before, _ in points]
        line = np.interp(np.arange(weeks), times, [level for _, level in points])
        for name in names.split():
            wobble = 0.1 * (paths[name][POSITION[key]] - 0.6)
            paths[name][POSITION[key]] = line + wobble

    course("migration", "adoption depth", (30, 0.2), (0, 1.8))
    course("green_no_sponsor", "adoption depth value", (10, 1.1), (0, 1.1))
    course("champion_left", "adoption", (41, 0.9), (28, -1.2), (12, -2.4))
    course("champion_left", "engagement value depth", (41, 0.5), (20, -1.4))
    course("rescued", "adoption depth", (62, 0.8), (52, -1.9), (44, -1.9), (30, 1.0))
    course("rescued", "engagement value", (60, 0.3), (52, -1.4), (42, 0.8), (20, 1.2))
    course("onboarding", "adoption engagement", (5, 0.4), (0, 0.5))
    course("notice_given", "adoption value engagement", (40, 0.2), (12, -1.6))
    course("open_p1", "support", (12, 0.3), (2, -1.6))
    course("newly_healthy", "adoption depth value engagement support", (9, -1.4), (1, 1.5))
    course("growth", "adoption depth engagement support payment value sentiment", (40, 1.0), (10, 1.9))
    course("usage_collapse", "adoption", (2, 0.8), (1, -3.6))
    course("overdue", "payment", (20, 0.2), (8, -2.2))
    course("child_south", "adoption depth value", (40, -0.5), (10, -1.5))
    course("child_digital", "adoption depth value", (40, 0.8), (10, 1.5))
    course("advocate", "value sentiment engagement", (40, 1.1), (10, 1.4))
    power_shift[POSITION["power_users_dropped"], -3:] = -4.5
