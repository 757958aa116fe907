"""The command, as `azureml-simulate` and as `python -m kedro_azureml_simulator`."""

from __future__ import annotations

import sys

_INTERRUPTED = 130


def main() -> int:
    """Run the command; Ctrl-C has its exit code also while its modules are imported.

    Returns:
        The exit code.
    """
    try:
        from kedro_azureml_simulator.terminal.command import main as run

        return run()
    except KeyboardInterrupt:
        sys.stderr.write("azureml-simulate: interrupted before anything ran\n")
        return _INTERRUPTED


if __name__ == "__main__":
    sys.exit(main())
