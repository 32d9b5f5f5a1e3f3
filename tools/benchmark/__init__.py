"""Measures Grandstand beside Polars, DuckDB and ClickHouse on the same rows and the same rules.

The parent process (`__main__`) never imports numpy or a peer: each measurement is a process of its own (`measure`), and
whatever needs those libraries is a job of `worker`. So no measurement inherits memory, threads or caches of another.
"""
