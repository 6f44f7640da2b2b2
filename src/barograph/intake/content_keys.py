"""Tables whose rows have no id: the whole row is its identity, and equal rows of a file are numbered.

Events come by the hundred million, so this path keeps rows where they are and works out only which ones not
to store: the copies that another file of the import brought already, and what the lake has.
"""

from __future__ import annotations

from collections.abc import Mapping

import duckdb

from barograph.definitions.tables import Table
from barograph.intake.versions import PER_ROW, clocked


def make_content_keys(
    connection: duckdb.DuckDBPyConnection,
    name: str,
    accepted: str,
    table: Table,
    kinds: Mapping[str, str],
    stored: str | None,
    *,
    now: str,
    home: str,
) -> None:
    """Make the view `name_new`: the rows of `accepted` that are to be stored.

    `accepted` has `_hash`, the digest of the row, beside what `make_versions` needs. `stored` has `_key` of
    the lake's rows that could be the same, or is None. The result adds `_key`, `_known_at`, `_clock`,
    `_order`, `_digest` (NULL: the key says it all) and `_differs`.

    The key is the digest with the number of the copy within its file: a row that is in two overlapping files
    is one fact, and two equal rows in one file are two.
    """
    connection.execute(
        f"CREATE TABLE {name}_copies AS "
        "SELECT _ord, _hash, row_number() OVER (PARTITION BY _file, _hash ORDER BY _ord) AS _copy "
        f"FROM {accepted} WHERE _hash IN (SELECT _hash FROM {accepted} GROUP BY _hash HAVING count(*) > 1)"
    )
    connection.execute(
        f"CREATE TABLE {name}_dropped AS SELECT _ord FROM {name}_copies "
        "QUALIFY row_number() OVER (PARTITION BY _hash, _copy ORDER BY _ord) > 1"
    )
    base = clocked(accepted, table, kinds, now=now, home=home)
    connection.execute(
        f"CREATE VIEW {name} AS SELECT b.* EXCLUDE (_hash, _base, _base_clock), b._base AS _known_at, "
        "b._base_clock AS _clock, concat(b._hash, ':', coalesce(c._copy, 1)) AS _key, "
        f"b._ord * {PER_ROW} + 1 AS _order, NULL::VARCHAR AS _digest, TRUE AS _differs "
        f"FROM ({base}) b LEFT JOIN {name}_copies c ON c._ord = b._ord"
    )
    if stored is not None:
        connection.execute(
            f"INSERT INTO {name}_dropped SELECT v._ord FROM {name} v "
            f"WHERE v._key IN (SELECT _key FROM {stored}) AND v._ord NOT IN (SELECT _ord FROM {name}_dropped)"
        )
    connection.execute(
        f"CREATE VIEW {name}_new AS SELECT * FROM {name} ANTI JOIN {name}_dropped USING (_ord)"
    )


def new_by_file(connection: duckdb.DuckDBPyConnection, name: str) -> dict[int, tuple[int, int]]:
    """For each file its new rows; a content-keyed row never changes."""
    rows = connection.execute(f"SELECT _file, count(*) FROM {name}_new GROUP BY 1").fetchall()
    return {int(file): (int(count), 0) for file, count in rows}
