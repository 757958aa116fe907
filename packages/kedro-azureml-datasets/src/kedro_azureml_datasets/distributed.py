"""Decide which process of a distributed step may save.

The processes of a distributed step share its output mounts. If each of them saved, they would write
one file at the same time.
"""

import json
import os
from collections.abc import Mapping


def read_process_rank(environ: Mapping[str, str] | None = None) -> int:
    """Return the rank of this process in its step, 0 where the step is not distributed.

    Understands what Azure ML sets for its `pytorch`, `mpi` and `tensorflow` distributions.

    Args:
        environ: The environment variables to read; those of this process by default.

    Returns:
        The rank, from 0. TensorFlow's chief (the first worker where there is no chief) is 0.

    Example:
        >>> read_process_rank({"RANK": "3", "WORLD_SIZE": "4"})
        3
        >>> read_process_rank({"OMPI_COMM_WORLD_RANK": "1"})
        1
        >>> read_process_rank({})
        0
    """
    environ = os.environ if environ is None else environ
    # RANK alone is a word that any program might use; PyTorch sets both.
    if "WORLD_SIZE" in environ and environ.get("RANK", "").isdecimal():
        return int(environ["RANK"])
    if environ.get("OMPI_COMM_WORLD_RANK", "").isdecimal():
        return int(environ["OMPI_COMM_WORLD_RANK"])
    if "TF_CONFIG" in environ:
        return _tensorflow_rank(environ["TF_CONFIG"])
    return 0


def _tensorflow_rank(tf_config: str) -> int:
    try:
        config = json.loads(tf_config)
        task = config["task"]
        kind, index = task["type"], int(task["index"])
        sizes = {name: len(tasks) for name, tasks in config["cluster"].items()}
    except (ValueError, KeyError, TypeError, AttributeError):
        return 0  # not TensorFlow's own format: then this is no distributed TensorFlow step
    order = [name for name in ("chief", "master", "worker") if name in sizes]
    order += sorted(set(sizes) - set(order))
    if kind not in order:
        return sum(sizes.values()) + index  # an evaluator: never saves
    return sum(sizes[name] for name in order[: order.index(kind)]) + index
