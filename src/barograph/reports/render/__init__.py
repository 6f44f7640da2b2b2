"""How the documents of `barograph.reports` look: one self-contained HTML page, Markdown, and the terminal."""
