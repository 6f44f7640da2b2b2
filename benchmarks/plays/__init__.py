"""How often the estimators of a play's effect are right, over many seeds of a world with a known effect."""
