"""The review as Markdown (GitHub flavoured) for mail, chat and wikis; texts of the document are escaped."""

from __future__ import annotations

import re
from collections.abc import Sequence

from barograph.reports.render.account_view import AccountView
from barograph.reports.render.against_view import AgainstView
from barograph.reports.render.capacity_view import CapacityView
from barograph.reports.render.phrases import ARROWS, Record, Way, sparkline
from barograph.reports.render.portfolio_view import AlarmView, FamilyView, MovementView, TierView
from barograph.reports.render.review_view import ReviewView, Section, review_view

_SPECIAL = re.compile(r"([\\`*_{}\[\]<>#|!~$&])")
_LINK = re.compile(r"(?i)(:)(?=//)|(?<=www)(\.)")
_LINE_START = re.compile(r"^(\s*)([-+=]|\d+[.)])(?=\s|$)")
_COMMAND = re.compile(r"\\`([a-z][a-z .-]*)\\`")


def review_markdown(document: Record) -> str:
    """The page of a `barograph.review/1` document."""
    view = review_view(document)
    blocks = [
        *_head(view),
        *_attention(view),
        *(block for section in view.sections for block in _section(section)),
        *_against(view.against),
        *_capacity(view.capacity),
        "## Tiers by count and revenue",
        _tiers(view.tiers),
        "## Movement between tiers",
        *_movement(view.movement),
        "## Shift of the portfolio",
        *_alarm(view.alarm),
        "## Parents and their parts",
        _families(view.families),
        "---",
        *map(plain, view.footer),
    ]
    return "\n\n".join(blocks) + "\n"


def plain(text: str) -> str:
    """Text that Markdown shows as it is: no emphasis, link, tag, heading or list comes out of it.

    Line breaks become spaces. Commands between backticks (lower-case words) stay code.
    """
    flat = " ".join(text.split())
    escaped = _SPECIAL.sub(r"\\\1", flat)
    escaped = _LINK.sub(lambda match: f"\\{match.group(0)}", escaped)
    escaped = _LINE_START.sub(_guarded, escaped)
    return _COMMAND.sub(r"`\1`", escaped)


def _guarded(match: re.Match[str]) -> str:
    start, mark = match.groups()
    return f"{start}{mark[:-1]}\\{mark[-1]}"


def _head(view: ReviewView) -> list[str]:
    narrowed = f" **{plain(view.narrowed)}.**" if view.narrowed else ""
    blocks = [
        f"# {plain(view.title)}, {plain(view.week)}: {plain(view.workspace)}",
        f"{plain(view.as_of)}, {plain(view.compared)}. {plain(view.size)}.{narrowed}",
        f"**{plain(view.label)}:** {plain(view.label_words)}. Model {plain(view.model)}.",
        "## Data warnings",
        "\n".join(f"- {plain(warning)}" for warning in view.warnings)
        or "None: every feed is fresh and every account has a score.",
    ]
    if view.alarm and view.alarm.raised:
        blocks += [f"**Structural alarm.** {plain(view.alarm.summary)}"]
    counts = [
        f"**{h.count}** {plain(h.what)}" + (f" ({plain(h.detail)})" if h.detail else "")
        for h in view.headlines
    ]
    return [*blocks, " · ".join(counts)]


def _attention(view: ReviewView) -> list[str]:
    blocks = [
        "## Needs attention",
        "Most urgent first, by revenue, tier, worsening and the opt-out deadline. Bars: the last 12 weeks, 0 to 100, "
        "higher is healthier.",
    ]
    for account in view.attention:
        blocks += [f"### {account.listed}. {_name(account)}", _bullets(account, full=True)]
    if not view.attention:
        blocks.append("No account has a reason to be on the list this week.")
    return [*blocks, plain(view.attention_note)] if view.attention_note else blocks


def _section(section: Section) -> list[str]:
    if not section.accounts:
        return [f"## {plain(section.title)}", plain(section.empty)]
    rows = []
    for account in section.accounts:
        told = f"No. {account.listed} above" if account.listed else ""
        rows.append(
            f"- **{_name(account)}**: {_tier(account)}; {_figures(account)}" + (f"; {told}." if told else ".")
        )
        if not account.listed:
            rows += [f"  - {line}" for line in _details(account, full=False)]
    return [f"## {plain(section.title)} ({len(section.accounts)})", plain(section.intro), "\n".join(rows)]


def _bullets(account: AccountView, *, full: bool) -> str:
    history = f"; `{sparkline(list(account.history))}`" if account.history else ""
    lines = [f"{_tier(account)}; {_figures(account)}{history}", *_details(account, full=full)]
    return "\n".join(f"- {line}" for line in lines)


def _details(account: AccountView, *, full: bool) -> list[str]:
    """Label and text of each line; `full` tells also the tier, the lift and the place on the list."""
    heading = f" Heading: {account.heading}." if account.heading else ""
    told = {
        "Why": account.why,
        "Tier": f"{account.tier_why}{heading}" if full else "",
        "Would lift it": account.lift if full else "",
        "Track record": account.track_record,
    }
    lines = [f"**{label}:** {plain(text)}" for label, text in told.items() if text]
    lines.append(f"**On it:** {_who(account)}")
    if account.lines:
        moved = "; ".join(f"{plain(line.words)} ({plain(line.points_words)})" for line in account.lines)
        lines.append(f"**What moved, {plain(account.ledger_title)}:** {moved}")
    if full and account.priority:
        lines.append(f"**Priority:** {plain(account.priority)}")
    return lines


def _name(account: AccountView) -> str:
    return f"{plain(account.name)} ({plain(account.place)})"


def _tier(account: AccountView) -> str:
    flags = [flag for flag, there in (("notice given", account.notice_given), ("about to turn", account.about_to_turn))
             if there]  # fmt: skip
    move = " ".join(part for part in (ARROWS[account.way], plain(account.move)) if part)
    return ", ".join([" ".join(part for part in (f"**{plain(account.tier_label)}**", move) if part), *flags])


def _figures(account: AccountView) -> str:
    change = f" ({account.change})" if account.change else ""
    parts = [
        f"score {account.score}{change}" if account.score != "no score" else account.score,
        plain(account.revenue),
    ]
    parts.append(account.dates)
    if account.renewal and not account.gone:
        parts.append(f"renewal {account.renewal}")
    return "; ".join(parts)


def _who(account: AccountView) -> str:
    duties = []
    for duty in account.duties:
        told = plain(f"{duty.what} {duty.words}".strip())
        duties.append(f"**{told}**" if duty.state == "overdue" else told)
    return "; ".join([plain(account.owner), *duties])


def _table(header: Sequence[str], rows: Sequence[Sequence[str]], right: Sequence[int] = ()) -> str:
    rule = ["--:" if k in right else "---" for k in range(len(header))]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (header, rule, *rows))


def _tiers(tiers: Sequence[TierView]) -> str:
    rows = [[plain(t.label), f"{t.accounts:,}", t.change, plain(t.revenue), t.share_words] for t in tiers]
    return _table(("Tier", "Accounts", "Change", "Revenue", "Share"), rows, right=(1, 2, 3, 4))


def _against(against: AgainstView | None) -> list[str]:
    if against is None:
        return []
    rows = [
        f"- **{plain(name)}** ({plain(label)}, {plain(revenue)}, {plain(owner)}): {plain(words)}"
        for name, _, label, words, owner, revenue in against.accounts
    ]
    blocks = ["## Pulses against the numbers", plain(against.words), "\n".join(rows)]
    return [*blocks, plain(against.more)] if against.more else blocks


def _capacity(capacity: CapacityView | None) -> list[str]:
    if capacity is None:
        return []
    blocks = ["## Where capacity ends", plain(capacity.words)]
    if capacity.accounts:
        rows = [
            f"| {plain(name)} | {plain(label)} | {plain(owner)} | {plain(revenue)} |"
            for name, _, label, owner, revenue in capacity.accounts
        ]
        blocks.append(
            "\n".join(["| Below the line | Tier | Owner | Revenue |", "| --- | --- | --- | ---: |", *rows])
        )
    if capacity.owners:
        rows = [f"| {' | '.join(map(plain, owner))} |" for owner in capacity.owners]
        head = "| Owner with more than they can work | To work | Below | Revenue below |"
        blocks.append("\n".join([head, "| --- | ---: | ---: | ---: |", *rows]))
    return [*blocks, plain(capacity.more)] if capacity.more else blocks


def _movement(movement: MovementView | None) -> list[str]:
    if movement is None:
        return ["The first scored week: movement shows from the next one on."]
    rows = [
        [f"**{plain(name)}**", *(_cell(cell.way, cell.count, cell.revenue) for cell in cells)]
        for name, cells in movement.rows
    ]
    header = ("from \\ to", *map(plain, movement.columns))
    return [
        f"{plain(movement.summary)} Rows: last week's tier; columns: this week's.",
        _table(header, rows, right=range(1, len(header))),
    ]


def _cell(way: Way, count: str, revenue: str) -> str:
    if not count:
        return ""
    return f"{ARROWS[way]} {count} ({plain(revenue)})".strip()


def _alarm(alarm: AlarmView | None) -> list[str]:
    if alarm is None:
        return ["Not worked out for this week."]
    tables = [
        _table((f"By {plain(name)}", "Net down", "Revenue"),
               [(plain(p.value), p.accounts, plain(p.revenue)) for p in parts], right=(1, 2))
        for name, parts in alarm.breakdown
    ]  # fmt: skip
    return [plain(alarm.summary), *tables]


def _families(families: Sequence[FamilyView]) -> str:
    if not families:
        return "No account has parents or parts."
    rows = []
    for family in families:
        parts = "; ".join(
            f"{plain(name)} {plain(tier)} {score}, {share}" for name, tier, score, share in family.parts
        )
        by = f" by {plain(family.decided_by)}" if family.decided_by else ""
        rows.append(
            [
                plain(family.name),
                f"{plain(family.tier_label)}{by}",
                family.score,
                plain(family.revenue),
                parts,
            ]
        )
    return _table(("Whole", "Tier", "Score", "Revenue", "Parts"), rows, right=(2, 3))
