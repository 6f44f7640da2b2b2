"""The order of work: import, signals, scores, tiers, review. Each step can be killed and run again."""
