"""Imported by a `WarmPython`, it makes that an image without MLflow.

A step that finds MLflow imports 700 modules to name its node there, which takes longer than all
else that a small step does.
"""

import sys

sys.modules["mlflow"] = None  # as if it were not installed
