"""A project whose data assets are worked on from the command line."""

import json

import yaml
from followed_project import COMMAND


class AssetCommands:
    """The project `shop` and the commands for its data assets."""

    def __init__(self, shop, azure):
        self.shop, self.azure, self.folder = shop, azure, shop.folder
        shop.environ = {**azure.environ, "KEDRO_DISABLE_TELEMETRY": "1", "COLUMNS": "200"}
        self.place = yaml.safe_load(azure.settings)["workspace"]["__default__"]
        self.workspaces(__default__=self.place)

    def workspaces(self, **entries):
        """Write `azureml.yml`."""
        settings = {"workspace": entries, "compute": {"__default__": {"cluster_name": "cpu"}}}
        self.shop.write("conf/base/azureml.yml", yaml.safe_dump(settings))

    def start(self, *arguments, terminal=""):
        return self.shop.start(COMMAND, "assets", *arguments, terminal=terminal)

    def run(self, *arguments, code=0):
        finished = self.start(*arguments).wait()
        assert finished.returncode == code, finished.output
        return finished.output

    def values(self, *arguments):
        output = self.run(*arguments, "--format", "json")
        return json.loads(output[output.index("{\n") :])

    def versions(self, asset):
        above = self.azure.path("data", asset, "versions/").lower()
        resources = self.azure.control.resources.items()
        return [body["name"] for path, body in resources if path.startswith(above)]
