"""The seeded company in the raw layout of the lake, without an import: every row is already a version."""

from __future__ import annotations

from pathlib import Path

import duckdb

from barograph.definitions.tables import TABLES
from barograph.synthetic import CompanySpec, generate


def _day(column: str) -> str:
    return f"CAST(floor(epoch(CAST({column} AS TIMESTAMP)) / 86400) AS INTEGER)"


def write_company(spec: CompanySpec, folder: Path) -> dict[str, list[Path]]:
    """Table -> its one Parquet file, in UTC."""
    found = {}
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        for name, data in generate(spec).items():
            table = TABLES[name]
            connection.register("company", data)
            columns = []
            for column in data.column_names:
                kind = table.by_name[column].type if column in table.by_name else "text"
                if kind == "instant":
                    columns.append(f'CAST("{column}" AS TIMESTAMP) AS "{column}"')
                elif kind == "list":
                    columns.append(f'string_split("{column}", \';\') AS "{column}"')
                else:
                    columns.append(f'"{column}"')
            parts = [f'CAST("{column}" AS VARCHAR)' for column in table.identity]
            key = (
                f"concat_ws(chr(31), {', '.join(parts)})"
                if parts
                else "CAST(row_number() OVER () AS VARCHAR)"
            )
            occurred = f'"{table.occurred}"' if table.occurred else "NULL"
            path = folder / f"{name}.parquet"
            connection.execute(
                f"COPY (SELECT {', '.join(columns)}, {key} AS _key, "
                "CAST(recorded_at AS TIMESTAMP) AS _known_at, "
                f"{_day('recorded_at')} AS _known_day, {_day(occurred)} AS _day, 'source' AS _clock, "
                f"'' AS _digest, row_number() OVER () AS _seq, 'company' AS _import FROM company) TO '{path}'"
            )
            connection.unregister("company")
            found[name] = [path]
    return found
