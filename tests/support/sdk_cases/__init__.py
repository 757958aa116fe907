"""Small changes of one good job, each with its own name: what do the SDK and the simulator say?"""

from . import (
    bound_values,
    command_jobs,
    commands,
    components,
    each_kind_of_step,
    jobs,
    nested,
    null_values,
    parallel_steps,
    ports,
    sweep_steps,
)
from .shapes import write_files

CASES = {
    **bound_values.CASES,
    **command_jobs.CASES,
    **commands.CASES,
    **components.CASES,
    **each_kind_of_step.CASES,
    **jobs.CASES,
    **nested.CASES,
    **null_values.CASES,
    **parallel_steps.CASES,
    **ports.CASES,
    **sweep_steps.CASES,
}

__all__ = ["CASES", "write_files"]
