"""Return something like a data frame: columns, and to_csv."""


class Frame:
    columns = ["name", "size"]

    def __init__(self, rows):
        self.rows = rows

    def to_csv(self, sep, header, index):
        return "".join(f"{name}{sep}{size}\n" for name, size in self.rows)


def run(mini_batch):
    import os

    return Frame([(os.path.basename(name), os.path.getsize(name)) for name in mini_batch])
