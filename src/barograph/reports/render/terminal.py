"""The review for a terminal, good at 80 columns and used up to 120: every colour has a word beside it."""

from __future__ import annotations

from collections.abc import Sequence

from rich import box
from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from barograph.reports.render.account_view import AccountView
from barograph.reports.render.against_view import AgainstView
from barograph.reports.render.capacity_view import CapacityView
from barograph.reports.render.phrases import ARROWS, Record, sparkline
from barograph.reports.render.portfolio_view import AlarmView, FamilyView, MovementView, TierView
from barograph.reports.render.review_view import ReviewView, Section, review_view

TIER_STYLES = {
    "at_risk": "bold red",
    "watch": "yellow",
    "healthy": "green",
    "growth": "blue",
    "insufficient": "dim",
}
WAY_STYLES = {"down": "red", "up": "green", "aside": "dim", "same": "dim"}
DUTY_STYLES = {"overdue": "bold red", "due": "", "done": "dim", "none": "dim"}
WIDEST = 120
LONGEST_TITLE = 18
GAP = "  "


class Narrow:
    """Something printed at most WIDEST columns wide: longer lines are hard to read."""

    def __init__(self, inner: RenderableType) -> None:
        self.inner = inner

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        yield from console.render(self.inner, options.update(max_width=min(WIDEST, options.max_width)))


def review_renderables(document: Record) -> list[RenderableType]:
    """The parts of a `barograph.review/1` document, to be printed one after the other."""
    view = review_view(document)
    parts: list[RenderableType] = [*_head(view), heading("Needs attention")]
    parts += [_attention(account) for account in view.attention]
    if not view.attention:
        parts.append(Text("No account has a reason to be on the list this week.", style="dim"))
    if view.attention_note:
        parts.append(Text(view.attention_note, style="dim"))
    for section in view.sections:
        parts += _section(section)
    parts += _against(view.against)
    parts += _capacity(view.capacity)
    parts += [heading("Tiers by count and revenue"), _tiers(view.tiers)]
    parts += [heading("Movement between tiers"), *_movement(view.movement)]
    parts += [heading("Shift of the portfolio"), *_alarm(view.alarm)]
    parts += [heading("Parents and their parts"), *_families(view.families)]
    parts += [Text(), *(Text(f"{paragraph}\n", style="dim") for paragraph in view.footer)]
    return [Narrow(part) for part in parts]


def heading(title: str, count: int | None = None) -> Text:
    """The title of a section after an empty line."""
    return Text.assemble("\n", (title, "bold underline"), "" if count is None else (f"  {count}", "dim"))


def tier_text(tier: str, label: str) -> Text:
    """The tier's label in its colour."""
    return Text(label, style=TIER_STYLES.get(tier, "dim"))


def labelled(rows: Sequence[tuple[str, Text]], indent: int) -> RenderableType:
    """Short labels on the left, texts that wrap under themselves on the right; empty texts are left out."""
    grid = Table.grid(padding=(0, 2, 0, 0))
    grid.add_column(style="dim", no_wrap=True)
    grid.add_column(ratio=1)
    for label, text in rows:
        if text.plain:
            grid.add_row(label, text)
    return Padding(grid, (0, 0, 0, indent))


def plain_table(*columns: tuple[str, bool]) -> Table:
    """A table without frames. columns: (name, whether its cells are figures and stand right)."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False, header_style="dim", padding=(0, 1))
    for name, figures in columns:
        title = Text(name)
        if figures:
            title.truncate(LONGEST_TITLE, overflow="ellipsis")
        table.add_column(title, justify="right" if figures else "left", no_wrap=figures, overflow="fold")
    return table


def _head(view: ReviewView) -> list[RenderableType]:
    parts: list[RenderableType] = [
        Text(f"{view.title}, {view.week}: {view.workspace}", style="bold"),
        Text(f"{view.as_of}, {view.compared}. {view.size}."),
        Text.assemble(
            (view.label, "bold reverse"), f" {view.label_words}. ", (f"Model {view.model}.", "dim")
        ),
    ]
    if view.narrowed:
        parts.append(Text(f"{view.narrowed}.", style="bold"))
    parts += [Text.assemble(("Data warning: ", "bold yellow"), warning) for warning in view.warnings]
    if not view.warnings:
        parts.append(
            Text("No data warnings: every feed is fresh and every account has a score.", style="dim")
        )
    if view.alarm and view.alarm.raised:
        parts.append(Text.assemble(("Structural alarm: ", "bold red"), view.alarm.summary))
    counts = Table.grid(padding=(0, 2, 0, 0))
    counts.add_column(justify="right", style="bold")
    counts.add_column()
    counts.add_column(style="dim")
    for headline in view.headlines:
        counts.add_row(headline.count, Text(headline.what), Text(headline.detail))
    return [*parts, Text(), counts]


def _attention(account: AccountView) -> RenderableType:
    title = Table.grid(padding=(0, 2, 0, 0), expand=True)
    title.add_column(width=3, justify="right", style="dim")
    title.add_column(ratio=1)
    title.add_column(justify="right")
    title.add_row(f"{account.listed}", Text(account.name, style="bold"), _tier(account))
    heading_words = f"{GAP}{account.heading}" if account.heading else ""
    rows = [
        ("score", Text.assemble(_score(account), heading_words, (f"{GAP}{account.place}", "dim"))),
        ("money", Text(f"{_dates(account)}{f', renewal {account.renewal}' if account.renewal else ''}")),
        ("why", Text(account.why)),
        ("tier", Text(account.tier_why)),
        ("lift", Text(account.lift)),
        ("who", _who(account)),
        ("record", Text(account.track_record)),
    ]
    block = Table.grid(expand=True)
    block.add_column()
    block.add_row(Text())
    block.add_row(title)
    block.add_row(labelled(rows, indent=5))
    return block


def _score(account: AccountView) -> Text:
    text = Text(account.score, style="bold")
    if account.change:
        text.append(f" {account.change}", style="dim")
    if account.history:
        style = TIER_STYLES.get(account.tier, "").removeprefix("bold ")
        text.append(GAP).append(sparkline(list(account.history)), style=style)
    return text


def _dates(account: AccountView) -> str:
    return f"{account.revenue}, {account.dates}"


def _tier(account: AccountView) -> Text:
    text = tier_text(account.tier, account.tier_label)
    arrow = ARROWS[account.way]
    text.append(f" {arrow} {account.move}" if arrow else f" {account.move}", style=WAY_STYLES[account.way])
    for flag, there in (("notice given", account.notice_given), ("about to turn", account.about_to_turn)):
        if there:
            text.append(f", {flag}", style="bold red")
    return text


def _who(account: AccountView) -> Text:
    text = Text(account.owner)
    for duty in account.duties:
        text.append("; ").append(f"{duty.what} {duty.words}".strip(), style=DUTY_STYLES[duty.state])
    return text


def _section(section: Section) -> list[RenderableType]:
    if not section.accounts:
        return [heading(section.title), Text(section.empty, style="dim")]
    parts: list[RenderableType] = [
        heading(section.title, len(section.accounts)),
        Text(section.intro, style="dim"),
    ]
    for account in section.accounts:
        line = Table.grid(padding=(0, 2, 0, 0), expand=True)
        line.add_column(ratio=1)
        line.add_column(justify="right")
        line.add_row(
            Text.assemble((account.name, "bold"), (f"  {account.account_id}", "dim")), _tier(account)
        )
        told = Text(f"No. {account.listed} above", style="dim") if account.listed else Text(account.why)
        facts = Text.assemble(_score(account), GAP, _dates(account))
        parts += [line, labelled([("", facts), ("", told)], indent=1)]
        if not account.listed:
            parts.append(labelled([("", _who(account))], indent=1))
    return parts


def _against(against: AgainstView | None) -> list[RenderableType]:
    if against is None:
        return []
    parts: list[RenderableType] = [heading("Pulses against the numbers"), Text(against.words)]
    for name, tier, label, words, owner, revenue in against.accounts:
        line = Text.assemble(
            "\n", (name, "bold"), "  ", tier_text(tier, label), (f"  {revenue}, {owner}", "dim")
        )
        parts += [line, Text(words)]
    return [*parts, Text(against.more, style="dim")] if against.more else parts


def _capacity(capacity: CapacityView | None) -> list[RenderableType]:
    if capacity is None:
        return []
    parts: list[RenderableType] = [heading("Where capacity ends"), Text(capacity.words)]
    if capacity.accounts:
        table = plain_table(("below the line", False), ("tier", False), ("owner", False), ("revenue", True))
        for name, tier, label, owner, revenue in capacity.accounts:
            table.add_row(Text(name), tier_text(tier, label), Text(owner), revenue)
        parts += [Text(), table]
    if capacity.owners:
        table = plain_table(("owner with more", False), ("to work", True), ("below", True), ("revenue", True))
        for owner, to_work, beyond, revenue in capacity.owners:
            table.add_row(Text(owner), to_work, beyond, revenue)
        parts += [Text(), table]
    return [*parts, Text(capacity.more, style="dim")] if capacity.more else parts


def _tiers(tiers: Sequence[TierView]) -> RenderableType:
    table = plain_table(("Tier", False), ("Accounts", True), ("Change", True), ("Revenue", True), ("Share", True),
                        ("", False))  # fmt: skip
    for t in tiers:
        bar = Text("█" * round(t.share * 20), style=TIER_STYLES.get(t.tier, "dim").removeprefix("bold "))
        table.add_row(tier_text(t.tier, t.label), f"{t.accounts:,}", t.change, t.revenue, t.share_words, bar)
    return table


def _movement(movement: MovementView | None) -> list[RenderableType]:
    if movement is None:
        return [Text("The first scored week: movement shows from the next one on.", style="dim")]
    table = plain_table(("from, to:", False), *((name, True) for name in movement.columns))
    for name, cells in movement.rows:
        row = [
            Text(
                f"{ARROWS[cell.way]} {cell.count}".strip(),
                style="" if cell.way == "same" else WAY_STYLES[cell.way],
            )
            for cell in cells
        ]
        table.add_row(Text(name), *row)
    return [Text(movement.summary), table]


def _alarm(alarm: AlarmView | None) -> list[RenderableType]:
    if alarm is None:
        return [Text("Not worked out for this week.", style="dim")]
    parts: list[RenderableType] = [Text(alarm.summary)]
    for name, values in alarm.breakdown:
        table = plain_table((f"by {name}", False), ("net down", True), ("revenue", True))
        for part in values:
            table.add_row(Text(part.value), part.accounts, part.revenue)
        parts += [Text(), table]
    return parts


def _families(families: Sequence[FamilyView]) -> list[RenderableType]:
    if not families:
        return [Text("No account has parents or parts.", style="dim")]
    table = plain_table(
        ("Whole", False), ("Tier", False), ("Score", True), ("Revenue", True), ("Parts", False)
    )
    for f in families:
        parts = "; ".join(f"{name} {tier} {score}" for name, tier, score, _ in f.parts)
        table.add_row(Text(f.name), tier_text(f.tier, f.tier_label), f.score, f.revenue, Text(parts))
    return [table]
