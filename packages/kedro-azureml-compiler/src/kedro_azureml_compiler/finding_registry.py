"""The registry of findings: what each code means, why it matters, and what to write instead.

The reference pages `docs/findings.md` and `docs/findings/` are written from it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kedro_azureml_compiler.findings import FindingKind


def finding_kinds() -> dict[str, FindingKind]:
    """Give every kind of finding by its code, sorted.

    Example:
        >>> finding_kinds()["nothing-produces"].severity.value
        'error'
    """
    from kedro_azureml_compiler.kinds_of_data_findings import DATA_KINDS
    from kedro_azureml_compiler.kinds_of_settings_findings import SETTINGS_KINDS
    from kedro_azureml_compiler.kinds_of_snapshot_findings import SNAPSHOT_KINDS
    from kedro_azureml_compiler.kinds_of_step_findings import STEP_KINDS

    kinds = (*DATA_KINDS, *SETTINGS_KINDS, *SNAPSHOT_KINDS, *STEP_KINDS)
    return {kind.code: kind for kind in sorted(kinds, key=lambda kind: kind.code)}
