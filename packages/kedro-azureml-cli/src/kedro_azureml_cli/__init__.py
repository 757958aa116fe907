"""The commands `kedro azureml ...` and the starter `azureml`."""

from kedro_azureml_cli.__about__ import __version__

__all__ = ["__version__"]
