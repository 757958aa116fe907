"""Cases of parallel steps."""

from typing import Any

from .shapes import PARALLEL, job, parallel

CASES: dict[str, Any] = {}

CASES["parallel good"] = job(parallel())
CASES["parallel no input_data"] = job(parallel(input_data="DROP"))
CASES["parallel input_data unknown"] = job(parallel(input_data="${{inputs.zz}}"))
CASES["parallel input_data text"] = job(parallel(input_data="hello"))
CASES["parallel no task"] = job(parallel() | {"task": None})
CASES["parallel task missing"] = job({k: v for k, v in PARALLEL.items() if k != "task"})
CASES["parallel no entry"] = job(parallel({"entry_script": "DROP"}))
CASES["parallel entry nowhere"] = job(parallel({"entry_script": "nope.py"}))
CASES["parallel no env"] = job(parallel({"environment": "DROP"}))
CASES["parallel no code"] = job(parallel({"code": "DROP"}))
CASES["parallel task type function"] = job(parallel({"type": "function"}))
CASES["parallel task type model"] = job(parallel({"type": "model"}))
CASES["parallel task type bad"] = job(parallel({"type": "zz"}))
CASES["parallel task unknown"] = job(parallel({"zz": 1}))
CASES["parallel append unknown"] = job(parallel({"append_row_to": "${{outputs.zz}}"}))
CASES["parallel size int"] = job(parallel(mini_batch_size=2))
CASES["parallel size kb"] = job(parallel(mini_batch_size="10kb"))
CASES["parallel size word"] = job(parallel(mini_batch_size="many"))
CASES["parallel size 0"] = job(parallel(mini_batch_size="0"))
CASES["parallel partition"] = job(parallel(partition_keys=["a"]))
CASES["parallel error_threshold word"] = job(parallel(error_threshold="x"))
CASES["parallel error_threshold -2"] = job(parallel(error_threshold=-2))
CASES["parallel error_threshold"] = job(parallel(error_threshold=3))
CASES["parallel mini_batch_error_threshold"] = job(parallel(mini_batch_error_threshold=3))
CASES["parallel mini_batch_error_threshold -5"] = job(parallel(mini_batch_error_threshold=-5))
CASES["parallel retry"] = job(parallel(retry_settings={"max_retries": 1, "timeout": 5}))
CASES["parallel retry unknown"] = job(parallel(retry_settings={"zz": 1}))
CASES["parallel retry negative"] = job(parallel(retry_settings={"max_retries": -1, "timeout": 0}))
CASES["parallel logging"] = job(parallel(logging_level="DEBUG"))
CASES["parallel logging bad"] = job(parallel(logging_level="LOUD"))
CASES["parallel concurrency"] = job(parallel(max_concurrency_per_instance=2))
CASES["parallel concurrency 0"] = job(parallel(max_concurrency_per_instance=0))
CASES["parallel unknown key"] = job(parallel(zz=1))
CASES["parallel env vars"] = job(parallel(environment_variables={"A": "b"}))
CASES["parallel args undefined"] = job(parallel({"program_arguments": "--x ${{inputs.zz}}"}))
CASES["parallel component"] = job(
    {
        "type": "parallel",
        "component": {
            **{k: v for k, v in PARALLEL.items() if k not in ("compute",)},
            "inputs": {"d": {"type": "uri_folder"}},
        },
        "inputs": PARALLEL["inputs"],
    }
)
CASES["parallel no resources"] = job(parallel(resources="DROP"))
CASES["parallel is_deterministic"] = job(parallel(is_deterministic=False))
CASES["parallel level in lower case"] = job(parallel(logging_level="debug"))
