"""Find which steps of a plan have finished before another starts."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kedro_azureml_compiler.planning.plan import Plan


class StepOrder:
    """The order that data and order outputs give the steps of a plan.

    Args:
        plan: The plan.
    """

    def __init__(self, plan: Plan) -> None:
        self._sources = {
            step.name: {
                *step.waits_for,
                *(plan.dataset(read).written_by or "" for read in step.reads),
            }
            - {"", step.name}
            for step in plan.steps
        }
        self._before: dict[str, set[str]] = {}

    def runs_before(self, first: str, second: str) -> bool:
        """Check whether the second step waits for the first, directly or not.

        Args:
            first: Name of a step.
            second: Name of another.
        """
        if second not in self._before:
            found: set[str] = set()
            waiting = [second]
            while waiting:
                for source in self._sources[waiting.pop()] - found:
                    found.add(source)
                    waiting.append(source)
            self._before[second] = found
        return first in self._before[second]
