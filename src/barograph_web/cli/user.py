"""`barograph user`: people from the command line, for the first ones and for when nobody can sign in."""

from __future__ import annotations

import secrets
import sys
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import RenderableType
from rich.table import Table

from barograph.cli.options import FormatOption, OutputOption, WorkspaceOption
from barograph.cli.output import Cell, Format, emit
from barograph.errors import UsageError
from barograph_web.cli.start import at_the_command_line, configure, prepare_database

if TYPE_CHECKING:
    from barograph_web.users.models import User

SCHEMA = "barograph.users/1"
app = typer.Typer(
    help="People: add, list, role, password, disable, enable.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)


class RoleName(StrEnum):
    """The roles, as they are typed. tests/web/users holds them to users.models.Role."""

    csm = "csm"
    account_manager = "account_manager"
    leader = "leader"
    ops = "ops"
    executive = "executive"
    guest = "guest"
    administrator = "administrator"


EmailArgument = Annotated[str, typer.Argument(metavar="EMAIL", help="The address they sign in with.")]
StdinOption = Annotated[bool, typer.Option("--password-stdin", help="Read the password from standard input.")]
ReasonOption = Annotated[str, typer.Option(help="Why, for the audit log.")]


@app.command()
def add(
    email: EmailArgument,
    role: Annotated[RoleName, typer.Option(help="What they are for.")] = RoleName.csm,
    name: Annotated[str, typer.Option(help="Their name (default: from the address).")] = "",
    team: Annotated[str, typer.Option(help="The team they are in, by name.")] = "",
    password_stdin: StdinOption = False,
    workspace: WorkspaceOption = None,
) -> None:
    """Add a person. Prints a password that they change when they sign in, unless one is given."""
    _begin(workspace)
    from barograph_web.users import services  # noqa: PLC0415 - after configure

    password = _password(password_stdin)
    with at_the_command_line():
        user = services.add_person(
            name=name or email.partition("@")[0].replace(".", " ").title(),
            email=email,
            role=role.value,
            team=_team(team),
            password=password,
        )
    typer.echo(f"{user.email} is {user.get_role_display()}.")
    _tell(password_stdin, password)


@app.command("list")
def list_people(
    workspace: WorkspaceOption = None, format: FormatOption = Format.table, output: OutputOption = None
) -> None:
    """Everybody, with role, team and whether they can sign in."""
    _begin(workspace)
    from barograph_web.users import queries  # noqa: PLC0415 - after configure

    rows: list[dict[str, Cell]] = [
        {
            "email": user.email,
            "name": user.name,
            "role": user.role,
            "team": user.team.name if user.team else None,
            "active": user.is_active,
            "second_factor": bool(user.has_mfa),  # type: ignore[attr-defined]
            "last_sign_in": user.last_login.isoformat(timespec="seconds") if user.last_login else None,
        }
        for user in queries.people(state="all")
    ]
    document = {"schema": SCHEMA, "people": rows}
    emit(document, table=lambda: [_table(rows)], rows=lambda: rows, format=format, output=output)


@app.command()
def role(
    email: EmailArgument,
    role: Annotated[RoleName, typer.Argument(metavar="ROLE", help="Their new role.")],
    reason: ReasonOption = "",
    workspace: WorkspaceOption = None,
) -> None:
    """Change what a person is for."""
    _begin(workspace)
    from barograph_web.users import services  # noqa: PLC0415 - after configure

    user = _user(email)
    with at_the_command_line():
        services.change_person(user, {"role": role.value}, revision=user.revision, by=None, reason=reason)
    typer.echo(f"{user.email} is {role.value}.")


@app.command()
def password(
    email: EmailArgument, password_stdin: StdinOption = False, workspace: WorkspaceOption = None
) -> None:
    """Give a person a new password; their sessions end. Without --password-stdin one is made and printed."""
    _begin(workspace)
    from barograph_web.users import services  # noqa: PLC0415 - after configure

    given = _password(password_stdin)
    with at_the_command_line():
        services.set_password(_user(email), given, must_change=True)
    _tell(password_stdin, given)


@app.command()
def disable(email: EmailArgument, reason: ReasonOption = "", workspace: WorkspaceOption = None) -> None:
    """Keep a person out from now on; what they wrote stays."""
    _set_active(email, False, reason, workspace)


@app.command()
def enable(email: EmailArgument, reason: ReasonOption = "", workspace: WorkspaceOption = None) -> None:
    """Let a person in again."""
    _set_active(email, True, reason, workspace)


def _set_active(email: str, active: bool, reason: str, workspace: WorkspaceOption) -> None:
    _begin(workspace)
    from barograph_web.users import services  # noqa: PLC0415 - after configure

    with at_the_command_line():
        user = services.set_active(_user(email), active, by=None, reason=reason)
    typer.echo(f"{user.email} {'can sign in' if active else 'can no longer sign in'}.")


def _begin(workspace: WorkspaceOption) -> None:
    configure(workspace)
    prepare_database()


def _user(email: str) -> User:
    from barograph_web.users.models import User as People  # noqa: PLC0415 - after configure

    found = People.objects.filter(email__iexact=email.strip()).first()
    if found is None:
        raise UsageError("there is nobody with this address.", where=email, hint="See `barograph user list`.")
    return found


def _team(name: str) -> object | None:
    from barograph_web.users.models import Team  # noqa: PLC0415 - after configure

    if not name:
        return None
    found = Team.objects.filter(name__iexact=name).first()
    if found is None:
        names = ", ".join(Team.objects.values_list("name", flat=True)) or "none"
        raise UsageError("there is no such team.", where=name, hint=f"There are: {names}.")
    return found


def _password(from_stdin: bool) -> str:
    if not from_stdin:
        return secrets.token_urlsafe(12)
    given = sys.stdin.readline().rstrip("\r\n")
    if not given:
        raise UsageError("no password came on standard input.")
    return given


def _tell(from_stdin: bool, password: str) -> None:
    if not from_stdin:
        typer.echo(f"password: {password}")
    typer.echo("They choose their own when they sign in.")


def _table(rows: list[dict[str, Cell]]) -> RenderableType:
    grid = Table(box=None, pad_edge=False)
    for name in ("address", "name", "role", "team", "can sign in", "second factor", "last sign-in"):
        grid.add_column(name, no_wrap=name == "address")
    for row in rows:
        words = (
            "yes" if value is True else "no" if value is False else str(value or "–")
            for value in row.values()
        )
        grid.add_row(*words)
    return grid
