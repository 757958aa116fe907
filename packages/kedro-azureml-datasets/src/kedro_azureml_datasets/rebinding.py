"""Put another dataset into a catalog, and keep what the catalog knows about the entry.

`catalog[name] = dataset` forgets the entry's validator and its load version, and logs a warning
that a user can do nothing about. `CatalogProtocol`, which every catalog of Kedro fulfils, names the
mapping `_datasets` in its contract: it is used here and nowhere else, and
`tests/test_rebinding.py` tells when it moves.
"""

from kedro.io import AbstractDataset, CatalogProtocol


def rebind(
    catalog: CatalogProtocol[object, AbstractDataset[object, object]],
    name: str,
    dataset: AbstractDataset[object, object],
) -> None:
    """Replace the dataset of an entry; its validator and its load version stay.

    Args:
        catalog: The catalog of the run.
        name: Name of the entry, which may be one that only a pattern or nothing at all knows.
        dataset: The dataset that is to serve that name from now on.
    """
    # Has the catalog read the entry first, its validator with it.
    catalog.get(name, fallback_to_runtime_pattern=True)
    catalog._datasets[name] = dataset


def rebuild(catalog: CatalogProtocol[object, AbstractDataset[object, object]], name: str) -> None:
    """Build an entry anew if it was built, or could not be, before its configuration changed.

    Args:
        catalog: The catalog of the run; its resolver has the new configuration.
        name: Name of the entry.
    """
    if catalog._datasets.pop(name, None) is not None or name not in catalog:
        catalog.get(name, fallback_to_runtime_pattern=True)
