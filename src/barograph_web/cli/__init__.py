"""The application's verbs of the `barograph` command: serve, worker, user, backup, restore."""
