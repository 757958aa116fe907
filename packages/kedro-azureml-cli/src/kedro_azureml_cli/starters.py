"""The starters that `kedro new --starter azureml` finds."""

from pathlib import Path

from kedro.framework.cli.starters import KedroStarterSpec

_TEMPLATES = Path(__file__).parent / "starter_templates"

starters = [KedroStarterSpec(alias="azureml", template_path=str(_TEMPLATES / "azureml"))]
