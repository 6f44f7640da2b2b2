"""The import: from files and database tables to versions of facts in the lake."""

from barograph.intake.guesses import Guess, confirmed_before
from barograph.intake.mapping import Mapping, read_mapping
from barograph.intake.preview import FilePreview, Preview, preview
from barograph.intake.report import FileReport, ImportReport, TableReport
from barograph.intake.run import import_paths

__all__ = [
    "FilePreview",
    "FileReport",
    "Guess",
    "ImportReport",
    "Mapping",
    "Preview",
    "TableReport",
    "confirmed_before",
    "import_paths",
    "preview",
    "read_mapping",
]
