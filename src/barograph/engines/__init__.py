"""Where signals are computed: one folder per engine, all held to the same definitions."""
