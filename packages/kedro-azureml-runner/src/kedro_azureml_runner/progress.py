"""Remember what a step is doing, to name it when it fails."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kedro.framework.hooks import hook_impl

if TYPE_CHECKING:
    from kedro.pipeline.node import Node


class StepProgress:
    """A Kedro hook that knows the node and the dataset at work.

    Example:
        >>> StepProgress().where()
        'before its first node'
    """

    def __init__(self) -> None:
        self.node: str | None = None
        self.dataset: str | None = None
        self._doing = "running"

    @hook_impl
    def before_dataset_loaded(self, dataset_name: str, node: Node) -> None:
        """A node's input is about to be loaded."""
        self.node, self.dataset, self._doing = node.name, dataset_name, "loading"

    @hook_impl
    def before_node_run(self, node: Node) -> None:
        """A node's function is about to run."""
        self.node, self.dataset, self._doing = node.name, None, "running"

    @hook_impl
    def before_dataset_saved(self, dataset_name: str, node: Node) -> None:
        """A node's output is about to be saved."""
        self.node, self.dataset, self._doing = node.name, dataset_name, "saving"

    @hook_impl
    def after_dataset_saved(self, node: Node) -> None:
        """A node's output was saved; a generator node goes on with its function."""
        self.node, self.dataset, self._doing = node.name, None, "running"

    def where(self) -> str:
        """Describe what the step is doing."""
        if self.node is None:
            return "before its first node"
        if self.dataset is None:
            return f"in node '{self.node}'"
        return f"in node '{self.node}', {self._doing} dataset '{self.dataset}'"
