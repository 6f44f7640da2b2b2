"""A starting model for the data of a workspace (`engines.duckdb.profile` reads what is there)."""

from __future__ import annotations

from barograph.definitions.propose.data_profile import (
    ColumnProfile,
    DataProfile,
    NamedProfile,
    Spread,
    TableProfile,
)
from barograph.definitions.propose.proposal import Proposal, propose_model
from barograph.definitions.propose.ranges import fit_ranges

__all__ = [
    "ColumnProfile",
    "DataProfile",
    "NamedProfile",
    "Proposal",
    "Spread",
    "TableProfile",
    "fit_ranges",
    "propose_model",
]
