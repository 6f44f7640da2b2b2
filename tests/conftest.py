"""Every run of the tests draws the same examples; `just test-slow` (BAROGRAPH_EXPLORE=1) draws new ones."""

from __future__ import annotations

import os

from hypothesis import settings

settings.register_profile("same", derandomize=True, print_blob=True)
settings.register_profile("explore", print_blob=True)
settings.load_profile("explore" if os.environ.get("BAROGRAPH_EXPLORE") else "same")
