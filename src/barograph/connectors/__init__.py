"""Readers of files and databases: named columns in record batches, without deciding what they mean."""

from barograph.connectors.base import (
    ROW,
    Address,
    Connector,
    Fault,
    Opened,
    ReadLimits,
    ReadOptions,
    printable,
)
from barograph.connectors.registry import address_of, connector_for, connectors, files_in

__all__ = [
    "ROW",
    "Address",
    "Connector",
    "Fault",
    "Opened",
    "ReadLimits",
    "ReadOptions",
    "address_of",
    "connector_for",
    "connectors",
    "files_in",
    "printable",
]
