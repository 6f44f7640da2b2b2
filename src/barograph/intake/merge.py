"""What an import adds to the versions that the lake has: an upsert that keeps history.

For versions with a clock of their own (the source's, or declared) any order of arrival gives the same lake: a
version is added unless one of the same key, time and content is there.

Versions with a derived clock, or none, follow three rules instead. A new fact is stored with all its steps. A
known fact gets the steps that follow the last step already stored. And whenever the content that is in force
then is not the row's, the row itself is added as known now (or at the declared time): the source has changed
what it says, and nobody can know when.
"""

from __future__ import annotations

import duckdb

from barograph.intake.sql import lit
from barograph.intake.versions import PER_ROW

FINAL = PER_ROW - 1


def merge(connection: duckdb.DuckDBPyConnection, name: str, stored: str | None, *, now: str) -> None:
    """Make the scratch table `name_keep`, and from it the view `name_new`: the versions of `name` to store.

    `stored` has `_key, _known_at, _seq, _digest` of the versions in the lake, or is None for an empty one.
    `name_keep` has `_ord, _phase, _known_at, _clock, _order` (their order, for `_seq`), `_differs` (content
    unlike the version before it) and `_first` (the fact is new); `name_new` has the versions' columns too.
    """
    connection.execute(
        f"CREATE TABLE {name}_old (_key VARCHAR, _known_at TIMESTAMP, _seq BIGINT, _digest VARCHAR)"
    )
    if stored:
        connection.execute(
            f"INSERT INTO {name}_old SELECT _key, _known_at, _seq, _digest FROM {stored} "
            f"WHERE _key IN (SELECT _key FROM {name})"
        )
    fixed = (
        f"SELECT _key, _known_at, _digest, min({_order()}) AS _order FROM {name} v WHERE NOT _loose "
        f"AND NOT EXISTS (SELECT 1 FROM {name}_old o WHERE o._key = v._key AND o._known_at = v._known_at "
        "AND o._digest = v._digest) GROUP BY ALL"
    )
    # The last step of a row that is stored already, and when: only what follows is new.
    reached = (
        f"SELECT v._ord, max(v._phase) AS _reached, arg_max(o._known_at, (v._phase, o._known_at)) AS _since "
        f"FROM {name} v JOIN {name}_old o ON o._key = v._key AND o._digest = v._digest "
        "WHERE v._loose GROUP BY v._ord"
    )
    loose = (
        f"SELECT v._key, v._known_at, v._digest, {_order('v.')} AS _order FROM {name} v "
        f"LEFT JOIN ({reached}) r ON r._ord = v._ord WHERE v._loose AND "
        f"(CASE WHEN r._ord IS NULL THEN v._key NOT IN (SELECT _key FROM {name}_old) "
        "ELSE v._phase > r._reached AND v._known_at >= r._since END)"
    )
    before = "lag(_digest) OVER (PARTITION BY _key ORDER BY _known_at, _added, _order)"
    connection.execute(
        f"CREATE TABLE {name}_line AS SELECT *, {before} IS DISTINCT FROM _digest AS _differs FROM ("
        f"SELECT _key, _known_at, _digest, _seq AS _order, 0 AS _added, FALSE AS _needs FROM {name}_old "
        f"UNION ALL SELECT _key, _known_at, _digest, _order, 1, FALSE FROM ({fixed}) "
        f"UNION ALL SELECT _key, _known_at, _digest, _order, 1, TRUE FROM ({loose}))"
    )
    total = f"(SELECT max(_ord) + 1 FROM {name})"
    told = f"greatest(coalesce(_declared, TIMESTAMP {lit(now)}), _known_at)"
    rows = (
        f"SELECT _key, _ord, _phase, _digest, {told} AS _at, "
        "CASE WHEN _declared IS NULL THEN 'import' ELSE 'declared' END AS _change "
        f"FROM {name} WHERE _loose AND _last "
        "QUALIFY row_number() OVER (PARTITION BY _key ORDER BY _known_at DESC, _ord DESC) = 1"
    )
    in_force = (
        "SELECT r._ord, arg_max(l._digest, (l._known_at, l._added, l._order)) AS _digest "
        f"FROM ({rows}) r JOIN {name}_line l ON l._key = r._key AND l._known_at <= r._at GROUP BY r._ord"
    )
    changed = (
        f"SELECT r._ord, r._phase, r._at AS _known_at, r._change AS _clock, "
        f"{total} * {PER_ROW} + r._ord * {PER_ROW} + {FINAL} AS _order, TRUE AS _differs, FALSE AS _first "
        f"FROM ({rows}) r JOIN ({in_force}) f ON f._ord = r._ord WHERE f._digest <> r._digest"
    )
    connection.execute(
        f"CREATE TABLE {name}_keep AS "
        f"SELECT v._ord, v._phase, v._known_at, v._clock, l._order, l._differs, "
        f"v._key NOT IN (SELECT _key FROM {name}_old) AS _first "
        f"FROM {name}_line l JOIN {name} v ON {_order('v.')} = l._order AND v._key = l._key "
        "WHERE l._added = 1 AND (l._differs OR NOT l._needs) "
        f"UNION ALL {changed}"
    )
    connection.execute(
        f"CREATE VIEW {name}_new AS SELECT v.* EXCLUDE (_known_at, _clock), k._known_at, k._clock, k._order, "
        f"k._differs FROM {name}_keep k JOIN {name} v ON v._ord = k._ord AND v._phase = k._phase"
    )


def row_classes(connection: duckdb.DuckDBPyConnection, name: str) -> dict[int, tuple[int, int]]:
    """For each file, how many rows are new facts and how many changed one; the others changed nothing."""
    first = f"SELECT _key, min(_ord) AS _ord FROM {name} SEMI JOIN {name}_keep USING (_ord) GROUP BY _key"
    rows = (
        "SELECT v._ord, any_value(v._file) AS _file, bool_or(k._first AND v._ord = f._ord) AS _new, "
        f"bool_or(k._differs) AS _changed FROM {name}_keep k "
        f"JOIN {name} v ON v._ord = k._ord AND v._phase = k._phase "
        f"JOIN ({first}) f ON f._key = v._key GROUP BY v._ord"
    )
    counted = connection.execute(
        f"SELECT _file, count(*) FILTER (_new), count(*) FILTER (_changed AND NOT _new) "
        f"FROM ({rows}) GROUP BY _file"
    ).fetchall()
    return {int(file): (int(new), int(changed)) for file, new, changed in counted}


def _order(prefix: str = "") -> str:
    return f"{prefix}_ord * {PER_ROW} + {prefix}_phase"
