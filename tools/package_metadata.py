"""What the metadata of all packages say alike; each `pyproject.toml` has it read by hatchling.

A link in each package leads here, since hatchling reads hooks of the package's own folder alone; an
sdist carries the file.
"""

from typing import Any

from hatchling.metadata.plugin.interface import MetadataHookInterface

ADDRESS = ""
"""The public address of the repository. Empty as long as there is none: then no URL is named."""

KEYWORDS = ["azure", "azure machine learning", "azureml", "machine learning", "mlops", "pipeline"]

CLASSIFIERS = [
    "Development Status :: 3 - Alpha",
    "Intended Audience :: Developers",
    "Intended Audience :: Science/Research",
    "Operating System :: POSIX",
    "Programming Language :: Python :: 3",
    "Programming Language :: Python :: 3 :: Only",
    "Programming Language :: Python :: 3.10",
    "Programming Language :: Python :: 3.11",
    "Programming Language :: Python :: 3.12",
    "Programming Language :: Python :: 3.13",
    "Topic :: Scientific/Engineering",
    "Topic :: Scientific/Engineering :: Artificial Intelligence",
    "Typing :: Typed",
]


def make_urls(package: str, address: str = ADDRESS) -> dict[str, str]:
    """Return the URLs of a package by their labels; none without an address.

    Args:
        package: Name of the distribution.
        address: The repository.
    """
    if not address:
        return {}
    branch = f"{address.rstrip('/')}/blob/main"
    return {
        "Changelog": f"{branch}/packages/{package}/CHANGELOG.md",
        "Documentation": f"{branch}/README.md",
        "Source": address,
    }


class SharedMetadata(MetadataHookInterface):
    """Adds what all packages share to the keywords and classifiers that a package names."""

    def update(self, metadata: dict[str, Any]) -> None:
        """Set the fields that `pyproject.toml` calls dynamic."""
        metadata["keywords"] = sorted({*KEYWORDS, *self.config.get("keywords", [])})
        metadata["classifiers"] = sorted({*CLASSIFIERS, *self.config.get("classifiers", [])})
        metadata["urls"] = make_urls(metadata["name"])
