"""What is found in a catalog entry, and the verdict about it, as values."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from kedro_azureml_runner.reachability.addresses import Address, Reach


class Role(str, Enum):
    """What a local file is to the entry that names it."""

    DATA = "data"
    DATABASE = "database"  # one of several entries, which may use other tables of it
    QUERY = "query"  # read as the text of a query
    CHECKPOINT = "checkpoint"  # how far the entry has been read


class Place(NamedTuple):
    """A file or folder of this machine that an entry names.

    Args:
        path: The path as the entry has it.
        argument: The argument, with dots between nested keys.
        role: What it is to the entry.
        known: Whether it is certainly a path: an argument of a class of ours to know, or a URL.
    """

    path: str
    argument: str
    role: Role = Role.DATA
    known: bool = True


class Verdict(NamedTuple):
    """Who can reach the data of an entry.

    Args:
        reach: Who can.
        what: The address that decides, in a few words that show no secret.
        argument: The argument that has it, with dots between nested keys.
        loopback: Whether it names the machine itself, by a host name or an IP address.
        places: The files and folders of this machine that the entry names.
    """

    reach: Reach
    what: str = ""
    argument: str = ""
    loopback: bool = False
    places: tuple[Place, ...] = ()


class Found(NamedTuple):
    """An address in an entry.

    Args:
        argument: The argument that has it, with dots between nested keys.
        address: What is known of it.
        role: What it is to the entry.
        known: Whether it is certainly a path, as in `Place`.
        is_address: Whether it is one, and not a secret or a name, which may be one.
    """

    argument: str
    address: Address
    role: Role = Role.DATA
    known: bool = True
    is_address: bool = True
