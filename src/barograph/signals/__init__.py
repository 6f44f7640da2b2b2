"""Definitions to queries: every signal becomes intervals on the as-of grid, in one restricted SQL dialect."""
