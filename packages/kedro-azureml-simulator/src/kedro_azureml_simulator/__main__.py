"""The command, as `python -m kedro_azureml_simulator`."""

from __future__ import annotations

import sys

from kedro_azureml_simulator.terminal.command import main

if __name__ == "__main__":
    sys.exit(main())
