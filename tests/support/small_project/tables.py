"""Datasets of the project's own: tables of a database that all steps reach, and a folder."""

import sqlite3
from contextlib import closing
from pathlib import Path

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


class FolderDataset(AbstractDataset):
    """A table in a folder, which stands under an argument that no other class has."""

    def __init__(self, folder):
        self._folder = Path(folder)

    def load(self):
        return pd.read_csv(self._folder / "table.csv")

    def save(self, data):
        self._folder.mkdir(parents=True, exist_ok=True)
        data.to_csv(self._folder / "table.csv", index=False)

    def _describe(self):
        return {"folder": str(self._folder)}
