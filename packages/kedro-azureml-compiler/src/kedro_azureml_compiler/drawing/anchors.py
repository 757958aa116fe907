"""Name the rows of a page: the address of each step and dataset in it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kedro_azureml_compiler.planning.plan import Plan


class Anchors(NamedTuple):
    """The ids of rows.

    Args:
        steps: Name of a step to its id.
        datasets: Name of a dataset to its id.
    """

    steps: Mapping[str, str]
    datasets: Mapping[str, str]

    @classmethod
    def of(cls, plan: Plan) -> Anchors:
        """Number the steps and datasets of a plan: no name of a user becomes an id.

        A node may be called `step-1`, and none has a slash in its name, so that a link to a name
        and one to a row are never the same.
        """
        return cls(
            {step.name: f"step/{number}" for number, step in enumerate(plan.steps, 1)},
            {dataset.name: f"data/{number}" for number, dataset in enumerate(plan.datasets, 1)},
        )
