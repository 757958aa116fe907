"""A project for each kind of error, and the judge who agrees that it is one."""

from . import (
    beyond_a_limit,
    broken_jobs,
    data_flow,
    exposed_secrets,
    refused_by_other_tools,
    refused_by_the_sdk,
    without_effect,
)
from .written_case import CSV, RESULT, WRAPPED, Case

CASES = {
    **beyond_a_limit.CASES,
    **broken_jobs.CASES,
    **data_flow.CASES,
    **exposed_secrets.CASES,
    **refused_by_other_tools.CASES,
    **refused_by_the_sdk.CASES,
    **without_effect.CASES,
}

__all__ = ["CASES", "CSV", "RESULT", "WRAPPED", "Case"]
