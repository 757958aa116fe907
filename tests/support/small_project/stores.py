"""Datasets of the project's own, each with its address under an argument that no other class has.

Reading the project loads no library of data.
"""

from pathlib import Path

from kedro.io import AbstractDataset


class _Table(AbstractDataset):
    """A table in a folder."""

    def __init__(self, folder, salt=""):
        self._folder = Path(folder)
        self._salt = salt

    def load(self):
        import pandas as pd

        return pd.read_csv(self._folder / "table.csv").assign(salt=self._salt)

    def save(self, data):
        self._folder.mkdir(parents=True, exist_ok=True)
        data.to_csv(self._folder / "table.csv", index=False)

    def _exists(self):
        return (self._folder / "table.csv").exists()

    def _describe(self):
        return {"folder": str(self._folder)}


class ShelfDataset(_Table):
    def __init__(self, shelf):
        super().__init__(shelf)


class DeepDataset(_Table):
    """Its address is two levels deep."""

    def __init__(self, options):
        super().__init__(options["places"][0]["main"])


class UsualDataset(_Table):
    """Its address is mostly the default."""

    def __init__(self, name, store="data/usual"):
        super().__init__(Path(store) / name)


class HiddenDataset(_Table):
    """Nothing in the catalog says where it is."""

    def __init__(self, key):
        super().__init__(Path("data") / "hidden" / key)


class SaltedDataset(_Table):
    """What is loaded depends on the credentials."""

    def __init__(self, shelf, credentials):
        super().__init__(shelf, credentials["salt"])


class Held:
    """A table that is read when it is asked for; it knows where."""

    def __init__(self, place):
        self.place = place

    def read(self):
        import pandas as pd

        return pd.read_csv(self.place)


class HeldDataset(_Table):
    def __init__(self, shelf):
        super().__init__(shelf)

    def load(self):
        return Held(self._folder / "table.csv")
