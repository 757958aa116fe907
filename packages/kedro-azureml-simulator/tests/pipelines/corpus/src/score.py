"""Judge a trial: the nearer a value is to 3, the better; logged as MLflow's file store does."""

import os
import pathlib
import sys

value, target = float(sys.argv[1]), pathlib.Path(sys.argv[2])
loss = (value - 3) ** 2
store = pathlib.Path(os.environ["MLFLOW_TRACKING_URI"])
run = store / os.environ["MLFLOW_EXPERIMENT_ID"] / os.environ["MLFLOW_RUN_ID"]
(run / "metrics").mkdir(exist_ok=True)
with (run / "metrics" / "loss").open("a") as file:
    file.write(f"0 {loss} 0\n")
(target / "best.txt").write_text(f"{value:g}")
