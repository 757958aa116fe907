"""`kedro azureml completion`: print a script that completes command lines in a shell."""

from __future__ import annotations

from importlib.resources import files

import click

from kedro_azureml_cli.terminal.result_stream import print_result

_SHELLS = ("bash", "zsh", "fish")


@click.command("completion")
@click.argument("shell", type=click.Choice(_SHELLS))
def completion_command(shell: str) -> None:
    r"""Print a script that completes command lines in a shell.

    It completes 'kedro-azureml' and 'kedro': commands and options, and the names of jobs, steps,
    nodes and data assets of the project in the working directory. Nothing is asked of Azure.

    \b
    bash:  echo 'eval "$(kedro azureml completion bash)"' >> ~/.bashrc
    zsh:   echo 'eval "$(kedro azureml completion zsh)"' >> ~/.zshrc
    fish:  kedro azureml completion fish > ~/.config/fish/completions/kedro-azureml.fish
    """
    script = files("kedro_azureml_cli").joinpath("shell").joinpath(f"completion.{shell}")
    print_result(script.read_text(encoding="utf-8"))
