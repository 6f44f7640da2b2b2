"""The verbs of the application, in the order of their use; an entry point in pyproject.toml adds them."""

from __future__ import annotations

from barograph.cli.verbs import Verb

PACKAGE = "barograph_web.cli"

VERBS: dict[str, Verb] = {
    "serve": Verb("serve", "serve", "Serve the application, and run its worker.", PACKAGE),
    "worker": Verb("worker", "worker", "Run a worker alone, beside `serve --no-worker`.", PACKAGE),
    "user": Verb("user", "app", "People: add, list, role, password, disable, enable.", PACKAGE),
    "backup": Verb(
        "backup", "backup", "Back up workspace and database into one file, while in use.", PACKAGE
    ),
    "restore": Verb("restore", "restore", "Restore a backup into a new folder, checked whole.", PACKAGE),
}
