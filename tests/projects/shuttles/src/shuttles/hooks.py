"""A hook that writes down which nodes have run."""

import os
from pathlib import Path

from kedro.framework.hooks import hook_impl
from kedro.pipeline.node import Node

LOG_VARIABLE = "SHUTTLES_HOOK_LOG"


class NodeCallLog:
    """Appends a line for each call, `<hook> <node>`, to the file that a variable names.

    Without the variable it does nothing.
    """

    @hook_impl
    def before_node_run(self, node: Node) -> None:
        """Note that a node is about to run."""
        _note("before_node_run", node)

    @hook_impl
    def after_node_run(self, node: Node) -> None:
        """Note that a node has run."""
        _note("after_node_run", node)


def _note(hook: str, node: Node) -> None:
    path = os.environ.get(LOG_VARIABLE)
    if path:
        with Path(path).open("a", encoding="utf-8") as log:
            log.write(f"{hook} {node.name}\n")
