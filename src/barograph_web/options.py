"""Every setting of the application: name, type, default and what it does. docs/reference/settings.md is this table.

Reading it needs no Django: commands look at it before they know which workspace Django is to work on.

A setting is read from the environment (`BAROGRAPH_<NAME>`), else from the file that `BAROGRAPH_<NAME>_FILE` names
(for secrets handed over as files), else from `[application]` in the workspace's barograph.toml, else the default.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, time
from ipaddress import ip_network
from pathlib import Path
from typing import Any, Literal

PREFIX = "BAROGRAPH_"
Kind = Literal["text", "integer", "boolean", "list"]
TRUE, FALSE = {"1", "true", "yes", "on"}, {"0", "false", "no", "off"}


@dataclass(frozen=True, slots=True)
class Option:
    """One setting. `secret` values are never shown, only whether they are set."""

    name: str
    kind: Kind
    default: Any
    help: str
    secret: bool = False

    @property
    def variable(self) -> str:
        return f"{PREFIX}{self.name.upper()}"


OPTIONS = (
    Option("workspace", "text", ".", "The workspace folder that the application shows and refreshes."),
    Option(
        "database_url",
        "text",
        "",
        "postgresql://user:password@host/name. Empty: SQLite in the workspace.",
        True,
    ),
    Option(
        "secret_key",
        "text",
        "",
        "Signs sessions and links. Empty: made once and kept in the workspace.",
        True,
    ),
    Option(
        "debug", "boolean", False, "Shows errors with their code. Never on a machine that others can reach."
    ),
    Option(
        "allowed_hosts",
        "list",
        ("localhost", "127.0.0.1", "[::1]"),
        "Host names that the application answers to.",
    ),
    Option("base_url", "text", "http://localhost:8000", "Address of the application in mails and documents."),
    Option(
        "https",
        "boolean",
        False,
        "Behind TLS: secure cookies, HSTS, and the proxy's X-Forwarded-Proto is believed.",
    ),
    Option(
        "trusted_proxies",
        "integer",
        0,
        "How many proxies stand in front; the client's address is read past them.",
    ),
    Option(
        "refresh_weekday",
        "text",
        "monday",
        "Day of the weekly refresh, in the workspace's time zone; never: none.",
    ),
    Option("refresh_time", "text", "06:00", "Time of the weekly refresh, in the workspace's time zone."),
    Option("history_weeks", "integer", 104, "How many published weeks are kept at hand for charts."),
    Option("lease_seconds", "integer", 120, "A run whose worker was silent for this long is taken over."),
    Option("upload_bytes", "integer", 512 * 2**20, "Largest file that may be uploaded."),
    Option("session_hours", "integer", 12, "How long a person stays signed in without doing anything."),
    Option("login_attempts", "text", "5/5m", "Failed sign-ins per address and person before a pause."),
    Option("api_rate", "text", "600/m", "Requests per token: count/s, count/m or count/h."),
    Option(
        "retention_days",
        "integer",
        0,
        "Details of audit events and logs of runs that are older are dropped; 0 keeps them.",
    ),
    Option("metrics_token", "text", "", "Bearer token for /metrics. Empty: administrators only.", True),
    Option(
        "mail_url",
        "text",
        "",
        "smtp://user:password@host:port (or smtps://). Empty: mails go to the log.",
        True,
    ),
    Option("mail_from", "text", "barograph@localhost", "Sender of mails."),
    Option("digest_weekday", "text", "monday", "Day of the weekly digest by mail; never: none."),
    Option("digest_time", "text", "07:00", "Time of the weekly digest, in the workspace's time zone."),
    Option(
        "score_drop_points",
        "integer",
        10,
        "A score that the data lowered by this many points in a week is told, even within its tier.",
    ),
    Option(
        "webhook_private_networks",
        "list",
        (),
        "Private networks (such as 10.2.0.0/16) that webhooks may reach. Empty: the public internet only.",
    ),
    Option(
        "pulse_author",
        "text",
        "account_manager",
        "Who gives an account's pulse: account_manager or csm; the other one where there is none.",
    ),
    Option("pulse_grace_days", "integer", 5, "A pulse that is overdue for longer becomes a task."),
    Option(
        "grading",
        "boolean",
        True,
        "People see how their pulses and verdicts fared, and their lead does. false: nobody, and nothing is kept.",
    ),
    Option(
        "work_days",
        "list",
        ("monday", "tuesday", "wednesday", "thursday", "friday"),
        "Days on which service-level clocks run.",
    ),
    Option("work_begins", "text", "09:00", "When a working day begins, in the workspace's time zone."),
    Option("work_ends", "text", "17:00", "When a working day ends; 00:00 is midnight."),
    Option("holidays", "list", (), "Days (YYYY-MM-DD) on which nobody works: clocks stand still."),
    Option(
        "escalate_after_hours",
        "integer",
        8,
        "Working hours after a missed service level until a lead hears of it.",
    ),
    Option(
        "touch_mailbox",
        "text",
        "",
        "imaps://user:password@host/Folder: a box whose mails are logged as customer touches. Empty: none.",
        True,
    ),
    Option("touch_mail_seconds", "integer", 300, "How often the box of customer touches is looked at."),
    Option(
        "touch_mail_domains",
        "list",
        (),
        "Further domains of our own: who writes from them is one of us. Those of users are known.",
    ),
    Option("log_level", "text", "INFO", "DEBUG, INFO, WARNING or ERROR."),
    Option("log_format", "text", "text", "text for people, json for machines."),
)


@dataclass(frozen=True)
class Options:
    """The values in force and where each came from (environment, file, barograph.toml, default)."""

    values: Mapping[str, Any]
    sources: Mapping[str, str]

    def __getattr__(self, name: str) -> Any:
        try:
            return self.values[name]
        except KeyError:
            raise AttributeError(name) from None


def read_options(environ: Mapping[str, str] | None = None) -> Options:
    """All settings. Raises ValueError naming the variable, the value and what was expected."""
    env = os.environ if environ is None else environ
    values: dict[str, Any] = {}
    sources: dict[str, str] = {}
    written: Mapping[str, Any] = {}
    for option in OPTIONS:
        values[option.name], sources[option.name] = _value(option, env, written)
        if option.name == "workspace":
            written = _application_section(Path(values["workspace"]))
    _check(values)
    return Options(values, sources)


def _value(option: Option, env: Mapping[str, str], written: Mapping[str, Any]) -> tuple[Any, str]:
    if option.variable in env:
        return _parse(option, env[option.variable], option.variable), "environment"
    file = env.get(f"{option.variable}_FILE")
    if file:
        try:
            text = Path(file).read_text(encoding="utf-8").strip()
        except OSError as error:
            raise ValueError(f"{option.variable}_FILE: {file!r} cannot be read: {error.strerror}") from error
        return _parse(option, text, f"{option.variable}_FILE"), "file"
    if option.name in written:
        value = written[option.name]
        text = ",".join(value) if isinstance(value, list) else str(value)
        return _parse(option, text, f"[application] {option.name}"), "barograph.toml"
    return option.default, "default"


def _parse(option: Option, text: str, where: str) -> Any:
    match option.kind:
        case "integer":
            if not text.strip().lstrip("-").isdigit():
                raise ValueError(f"{where}: {text!r} is not a whole number")
            return int(text)
        case "boolean":
            if text.strip().lower() not in TRUE | FALSE:
                raise ValueError(f"{where}: {text!r} is neither true nor false")
            return text.strip().lower() in TRUE
        case "list":
            return tuple(part.strip() for part in text.split(",") if part.strip())
        case "text":
            return text


def _application_section(workspace: Path) -> Mapping[str, Any]:
    file = workspace / "barograph.toml"
    if not file.is_file():
        return {}
    try:
        section = tomllib.loads(file.read_text(encoding="utf-8")).get("application", {})
    except tomllib.TOMLDecodeError as error:
        raise ValueError(f"{file}: not TOML: {error}") from error
    unknown = set(section) - {o.name for o in OPTIONS} - {"workspace"}
    secret = set(section) & {o.name for o in OPTIONS if o.secret}
    if unknown:
        raise ValueError(
            f"{file}: [application] {min(unknown)!r} is not a setting (docs/reference/settings.md)"
        )
    if secret:
        raise ValueError(f"{file}: [application] {min(secret)!r} is a secret: give it by environment or file")
    return dict(section)


def _check(values: Mapping[str, Any]) -> None:
    days = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday", "never")
    for name in ("refresh_weekday", "digest_weekday"):
        if values[name] not in days:
            raise ValueError(f"{PREFIX}{name.upper()}: {values[name]!r} is none of {', '.join(days)}")
    for network in values["webhook_private_networks"]:
        try:
            ip_network(network, strict=False)
        except ValueError:
            raise ValueError(
                f"{PREFIX}WEBHOOK_PRIVATE_NETWORKS: {network!r} is not a network such as 10.2.0.0/16"
            ) from None
    if values["pulse_author"] not in ("account_manager", "csm"):
        raise ValueError(
            f"{PREFIX}PULSE_AUTHOR: {values['pulse_author']!r} is neither account_manager nor csm"
        )
    if values["pulse_grace_days"] < 0:
        raise ValueError(f"{PREFIX}PULSE_GRACE_DAYS: {values['pulse_grace_days']} is below 0")
    weekdays = set(days) - {"never"}
    if not values["work_days"] or not set(values["work_days"]) <= weekdays:
        raise ValueError(
            f"{PREFIX}WORK_DAYS: {', '.join(values['work_days']) or 'nothing'}: name days of the week"
        )
    begins, ends = _clock(values, "work_begins"), _clock(values, "work_ends")
    if ends != time(0) and ends <= begins:
        raise ValueError(f"{PREFIX}WORK_ENDS: {ends:%H:%M} is not after {begins:%H:%M}, when work begins")
    for day in values["holidays"]:
        try:
            date.fromisoformat(day)
        except ValueError:
            raise ValueError(f"{PREFIX}HOLIDAYS: {day!r} is not a date such as 2026-12-25") from None
    if values["escalate_after_hours"] < 0:
        raise ValueError(f"{PREFIX}ESCALATE_AFTER_HOURS: {values['escalate_after_hours']} is below 0")
    for name in (
        "history_weeks",
        "lease_seconds",
        "upload_bytes",
        "session_hours",
        "score_drop_points",
        "touch_mail_seconds",
    ):
        if values[name] < 1:
            raise ValueError(f"{PREFIX}{name.upper()}: {values[name]} is below 1")


def _clock(values: Mapping[str, Any], name: str) -> time:
    try:
        return time.fromisoformat(values[name])
    except ValueError:
        raise ValueError(f"{PREFIX}{name.upper()}: {values[name]!r} is not a time such as 09:00") from None
