"""My work: one list across accounts, the team view and the calendar feed."""
