"""Project settings: what differs from Kedro's defaults."""

from .hooks import NodeCallLog

HOOKS = (NodeCallLog(),)

CONFIG_LOADER_ARGS = {
    "base_env": "base",
    "default_run_env": "local",
}
