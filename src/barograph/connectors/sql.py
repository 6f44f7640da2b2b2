"""Tables of SQL databases through SQLAlchemy: `URL#table`, or `URL?table=name`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import pyarrow as pa
import sqlalchemy as sa
from sqlalchemy.exc import NoSuchModuleError, SQLAlchemyError

from barograph.connectors.base import (
    BATCH_ROWS,
    Address,
    Opened,
    ReadOptions,
    check_columns,
    printable,
    text_batch,
)
from barograph.errors import ImportRefusedError, UsageError

DRIVERS = {
    "postgresql": "psycopg",
    "mysql": "pymysql",
    "mariadb": "pymysql",
    "mssql": "pyodbc",
    "oracle": "oracledb",
    "snowflake": "snowflake-sqlalchemy",
    "bigquery": "sqlalchemy-bigquery",
    "redshift": "sqlalchemy-redshift",
    "databricks": "databricks-sqlalchemy",
}


class SqlConnector:
    """One table or view, read in one pass. Messages name the database without user and password."""

    name = "sql"

    def accepts(self, address: Address) -> bool:
        return address.path is None and "://" in address.text

    def parts(self, address: Address, options: ReadOptions) -> tuple[Address, ...]:  # noqa: ARG002
        return (_with_table(address),)

    def open(self, address: Address, options: ReadOptions) -> Opened:
        address = _with_table(address)
        url, shown = _url(address), shown_url(address)
        if url.get_backend_name() == "sqlite" and not Path(url.database or "").is_file():
            # SQLite would make an empty database rather than say so.
            raise ImportRefusedError("the database file does not exist.", where=shown, hint="Check the path.")
        engine = _engine(url, shown)
        schema, _, name = str(address.part).rpartition(".")
        try:
            table = sa.Table(name, sa.MetaData(), schema=schema or None, autoload_with=engine)
        except sa.exc.NoSuchTableError as error:
            engine.dispose()
            raise ImportRefusedError(
                f"there is no table {printable(str(address.part))!r}.", where=shown, hint="Check its name."
            ) from error
        except SQLAlchemyError as error:
            engine.dispose()
            raise _refusal(error, shown) from error
        columns = tuple(str(column.name) for column in table.columns)
        check_columns(shown, columns, options.limits)
        return Opened(
            shown, columns, {"database": url.get_backend_name()}, lambda: _batches(engine, table, shown)
        )


def shown_url(address: Address) -> str:
    """Database and table to print: no user, no password, no query."""
    url = _url(address)
    place = f"{url.host}/{url.database}" if url.host else f"{url.database or ''}"
    return printable(f"{url.get_backend_name()}://{place}#{_with_table(address).part}")


def _with_table(address: Address) -> Address:
    if address.part:
        return address
    table = _parsed(address.text).query.get("table")
    if not isinstance(table, str) or not table:
        raise UsageError(
            "the address of a database names no table.",
            where=address.shown,
            hint="Write it as URL#table.",
        )
    return Address(address.text, None, table)


def _url(address: Address) -> sa.URL:
    return _parsed(address.text).difference_update_query(["table"])


def _parsed(text: str) -> sa.URL:
    try:
        return sa.make_url(text)
    except (SQLAlchemyError, ValueError):
        # The text may hold a password, so it is not repeated.
        raise UsageError(
            "the address of the database is not a URL.", hint="Write dialect://host/database#table."
        ) from None


def _engine(url: sa.URL, shown: str) -> sa.Engine:
    backend = url.get_backend_name()
    try:
        return sa.create_engine(url)
    except (NoSuchModuleError, ModuleNotFoundError, ImportError) as error:
        driver = getattr(error, "name", None) or DRIVERS.get(backend, f"a SQLAlchemy dialect for {backend}")
        raise UsageError(
            f"the driver for {backend} is not installed.",
            where=shown,
            hint=f"Install it: pip install {driver}",
        ) from error
    except (SQLAlchemyError, ValueError, TypeError) as error:
        raise UsageError("the address of the database cannot be used.", where=shown) from error


def _batches(engine: sa.Engine, table: sa.Table, shown: str) -> Iterator[pa.RecordBatch]:
    row = 1
    try:
        with engine.connect().execution_options(stream_results=True, yield_per=BATCH_ROWS) as connection:
            for part in connection.execute(sa.select(table)).partitions():
                rows = [_texts(record) for record in part]
                yield text_batch(rows, list(range(row, row + len(rows))), len(table.columns))
                row += len(rows)
    except SQLAlchemyError as error:
        raise _refusal(error, shown) from error
    finally:
        engine.dispose()


def _texts(record: Sequence[Any]) -> list[str | None]:
    return [_text(value) for value in record]


def _text(value: Any) -> str | None:
    match value:
        case None | str():
            return value
        case bool():
            return "true" if value else "false"
        case datetime() | date() | time():
            return value.isoformat()
        case bytes():
            return value.decode("utf-8", errors="replace")
        case list() | tuple():
            return ";".join(str(part) for part in value)
        case _:
            return str(value)


def _refusal(error: SQLAlchemyError, shown: str) -> ImportRefusedError:
    # The text of a driver's error may repeat the address with its password; its class does not.
    cause = type(getattr(error, "orig", None) or error).__name__
    return ImportRefusedError(
        f"the database refused: {cause}.",
        where=shown,
        hint="Check the address, the network and the permissions.",
    )
