"""Tables of an SQLite database: a dataset that has a place of its own."""

import sqlite3
from contextlib import closing

import pandas as pd
from kedro.io import AbstractDataset, DatasetError


class SQLiteTableDataset(AbstractDataset):
    def __init__(self, table, credentials):
        self._table = table
        self._database = credentials["database"]

    def _connect(self):
        return closing(sqlite3.connect(self._database, timeout=60))

    def load(self):
        with self._connect() as connection:
            try:
                return pd.read_sql(f'SELECT * FROM "{self._table}"', connection)
            except pd.errors.DatabaseError as error:
                raise DatasetError(f"no table {self._table}") from error

    def save(self, data):
        with self._connect() as connection:
            data.to_sql(self._table, connection, if_exists="replace", index=False)
            connection.commit()

    def _describe(self):
        return {"table": self._table}
