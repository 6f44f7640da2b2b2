"""The command line: one file per verb. Verbs translate arguments and print; the work is in pipeline and
reports."""
