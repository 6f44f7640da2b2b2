"""A seeded company with known truth: every table of the data contract, for the demo, tests and benchmarks."""

from barograph.synthetic.company import Company, generate
from barograph.synthetic.money import RATES, RATES_DATE, REPORTING_CURRENCY
from barograph.synthetic.spec import CompanySpec
from barograph.synthetic.truth import Truth, truth
from barograph.synthetic.write import WrittenFile, write, write_events

__all__ = [
    "RATES",
    "RATES_DATE",
    "REPORTING_CURRENCY",
    "Company",
    "CompanySpec",
    "Truth",
    "WrittenFile",
    "generate",
    "truth",
    "write",
    "write_events",
]
