"""The workspace's files: Parquet datasets published through one manifest, and the audit journal."""

from barograph.lake.checkpoints import POINTS, checkpoint
from barograph.lake.journal import Journal, Record
from barograph.lake.manifest import JSON, Entry, Manifest
from barograph.lake.store import Lake, acting_user
from barograph.lake.transaction import NewFile, Transaction

__all__ = [
    "JSON",
    "POINTS",
    "Entry",
    "Journal",
    "Lake",
    "Manifest",
    "NewFile",
    "Record",
    "Transaction",
    "acting_user",
    "checkpoint",
]
