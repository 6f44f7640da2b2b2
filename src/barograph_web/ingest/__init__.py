"""Sources, uploads, import reports and quarantine."""
