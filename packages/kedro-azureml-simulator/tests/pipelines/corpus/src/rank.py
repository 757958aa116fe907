"""Write which process of a distributed step this is."""

import os
import pathlib
import sys

name = next(n for n in ("RANK", "OMPI_COMM_WORLD_RANK", "TF_CONFIG") if n in os.environ)
size = next((n for n in ("WORLD_SIZE", "OMPI_COMM_WORLD_SIZE") if n in os.environ), None)
text = f"{os.environ[name]} of {os.environ[size]}" if size else os.environ[name]
if name == "TF_CONFIG":
    import json

    task = json.loads(text)["task"]
    text = f"{task['type']} {task['index']}"
number = text.replace(" ", "_")
pathlib.Path(sys.argv[1], f"{number}.txt").write_text(text)
