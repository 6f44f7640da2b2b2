"""For data larger than a machine: Spark spreads the accounts, every part runs the default engine's script."""
