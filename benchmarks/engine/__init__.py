"""Speed and memory of import, backfill and weekly refresh, beside one plain scan of the same columns."""
