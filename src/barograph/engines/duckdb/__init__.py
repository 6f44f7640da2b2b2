"""The default engine: staged SQL over Parquet in an in-memory DuckDB."""
