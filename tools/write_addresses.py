"""Write a table of the arguments of kedro-datasets' classes that hold an address."""

from importlib.metadata import version
from pathlib import Path

from kedro_azureml_compiler.project.catalog.dataset_source import (
    list_class_names,
    list_submodules,
    read_class,
)

TABLE = (
    Path(__file__).parents[1]
    / "packages/kedro-azureml-runner/src/kedro_azureml_runner/reachability/dataset_addresses.py"
)
PACKAGES = ("kedro_datasets", "kedro_datasets_experimental")
ADDRESSES = {
    "checkpoint", "client_settings", "connection", "connection_params", "credentials", "filepath",
    "index_path", "location", "path", "redis_args", "repo", "session", "url",
}  # fmt: skip
"""Names of arguments that hold an address, or in which one can stand."""

HEAD = '''"""Which arguments of the classes of kedro-datasets can hold an address.

Made by `tools/write_addresses.py` from the source of kedro-datasets; do not edit.
"""
# ruff: noqa: E501
# fmt: off

from __future__ import annotations

VERSION = "{version}"
"""The kedro-datasets that was read."""

ADDRESS_ARGUMENTS: dict[str, tuple[str, ...]] = {{
{arguments}
}}
"""By class, as a catalog names it."""

DEFAULT_ADDRESSES: dict[str, str] = {{
{defaults}
}}
"""Where a class goes when an entry names no address."""
'''


def address_table() -> str:
    """Return the source of the module for the installed kedro-datasets."""
    arguments, defaults = [], []
    for package in PACKAGES:
        for folder in list_submodules(package):
            module = f"{package}.{folder}"
            for name in list_class_names(module):
                source = read_class(module, name)
                if source is None or source.arguments is None or not name.endswith("Dataset"):
                    continue
                prefix = "" if package == PACKAGES[0] else f"{package}."
                key = f"{prefix}{folder}.{name}"
                held = [a for a in source.arguments if a in ADDRESSES]
                shown = ", ".join(f'"{a}"' for a in held)
                arguments.append(f'    "{key}": ({shown}{"," if len(held) == 1 else ""}),')
                defaults += [f'    "{key}": "{a}",' for a in source.default_addresses]
    return HEAD.format(
        version=version("kedro-datasets"),
        arguments="\n".join(arguments),
        defaults="\n".join(defaults),
    )


if __name__ == "__main__":
    TABLE.write_text(address_table(), encoding="utf-8", newline="\n")
