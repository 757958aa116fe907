"""Return something like a data frame: columns, and to_csv."""

import pathlib


class Frame:
    columns = ("name", "size")

    def __init__(self, rows):
        self.rows = rows

    def to_csv(self, sep, header, index):
        return "".join(f"{name}{sep}{size}\n" for name, size in self.rows)


def run(mini_batch):
    files = [pathlib.Path(name) for name in mini_batch]
    return Frame([(file.name, file.stat().st_size) for file in files])
