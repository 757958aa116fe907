"""What the compiler passes to a step, as one object that both sides share.

`to_command` is for the compiler, `from_argv` for the step; between them stands a real bash. Needs
nothing but the standard library: the runner travels inside the snapshot.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, NamedTuple

from kedro_azureml_runner.protocol.promoted import (
    BINDING,
    InvocationError,
    Promoted,
    insert_promoted,
    make_document_end,
    read_document,
    write_document,
)
from kedro_azureml_runner.protocol.shell_quoting import quote

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

PROTOCOL = 1
"""Number of the command's language; in the image flow, command and runner can differ."""

SNAPSHOT_RUNNER = "python .kedro-azureml"
"""Start of the command where the runner travels inside the snapshot."""

IMAGE_RUNNER = "python -m kedro_azureml_runner"
"""Start of the command where code and runner are in the image."""

_ARITY = {
    "--protocol": 1,
    "--pipeline": 1,
    "--node": 1,
    "--env": 1,
    "--conf-source": 1,
    "--package": 1,
    "--params": 1,
    "--params-file": 1,
    "--load-version": 2,
    "--input": 2,
    "--output": 2,
    "--order-output": 1,
    "--reaches": 1,
    "--key-vault": 1,
    "--promoted": 2,
    "--shell-text": 1,
}

_WITH_PATH = frozenset({"--input", "--output", "--order-output", "--params-file"})
"""The last value of these is a path, for which the compiler writes a binding."""

_ON_A_LINE_OF_ITS_OWN = frozenset(
    {"--order-output", "--params", "--params-file", "--reaches", "--key-vault"}
)


_SAME_VERSION = (
    "Use the same version of kedro-azureml-runner to compile and in the step image: rebuild "
    "the image, or compile with the version in it."
)

_SHELL_TEXT = '--shell-text "${BASH_EXECUTION_STRING-}"'
"""Shows the step what bash was given, see `read_document`; another shell leaves it empty."""


class StepInvocation(NamedTuple):
    r"""One step: which nodes to run, with which configuration, and where the data is mounted.

    Args:
        nodes: Names of the Kedro nodes, with their namespaces.
        pipelines: Names of the registered pipelines that hold the nodes.
        env: Kedro environment; None leaves it to the project.
        conf_source: Folder, zip or tar file of the configuration, relative to the project; None
            leaves it to the project.
        package: Name of the project's package, for images that hold the project as the wheel of
            `kedro package`; a working directory with a `pyproject.toml` needs none.
        params: Runtime parameters, as `kedro run --params` gives them; anything that JSON can hold.
        params_file: Path of a JSON file that holds them instead, where they are long: Linux allows
            128 KiB for one argument.
        load_versions: Dataset name to version, as `kedro run --load-versions`.
        inputs: Dataset name to the path where the step finds it. The compiler puts a binding such
            as `${{inputs.port}}` here, for which Azure ML puts the path.
        outputs: Dataset name to the path where the step leaves it.
        order_outputs: Folders into which the step puts a small file when it has finished, for steps
            that wait for it without reading data from it.
        reaches: Datasets that other steps use as well and for which nothing is mounted. The step
            checks that their addresses are not its own machine's.
        key_vault: The key vault that has the secrets of the step's credentials: its name or its
            address; None asks the workspace.
        promoted: Parameter name, without `params:`, to its type and its value, which wins over
            `params`. The compiler puts a binding here too; the value stands where no shell reads
            it.
        protocol: Number of the command's language.

    Example:
        >>> step = StepInvocation(nodes=("split",), inputs={"table": "${{inputs.table}}"})
        >>> print(step.to_command())
        python .kedro-azureml --protocol 1 --pipeline __default__ --node split \
          --input table "${{inputs.table}}"
        >>> StepInvocation.from_argv(step.to_argv()) == step
        True
    """

    nodes: tuple[str, ...]
    pipelines: tuple[str, ...] = ("__default__",)
    env: str | None = None
    conf_source: str | None = None
    package: str | None = None
    params: Mapping[str, Any] = {}
    params_file: str | None = None
    load_versions: Mapping[str, str] = {}
    inputs: Mapping[str, str] = {}
    outputs: Mapping[str, str] = {}
    order_outputs: tuple[str, ...] = ()
    reaches: tuple[str, ...] = ()
    key_vault: str | None = None
    promoted: Mapping[str, Promoted] = {}
    protocol: int = PROTOCOL

    def all_params(self, exact: Callable[[str], str] = str) -> dict[str, Any]:
        """Return the runtime parameters: from the file, the command, and the promoted ones.

        Args:
            exact: Wraps the strings of promoted parameters, so that nothing interprets them.

        Raises:
            InvocationError: The file cannot be read, or a promoted text is not of its type.
        """
        values = {name: each.typed(name) for name, each in sorted(self.promoted.items())}
        texts = {name: exact(value) for name, value in values.items() if isinstance(value, str)}
        return insert_promoted(self._own_params(), {**values, **texts})

    def check_promoted(self) -> None:
        """Find a promoted text that is not of its type before anything else is done.

        Raises:
            PromotedValueError: There is one.
        """
        for name, each in sorted(self.promoted.items()):
            each.typed(name)

    def _own_params(self) -> dict[str, Any]:
        if self.params_file is None:
            return dict(self.params)
        try:
            text = Path(self.params_file).read_text(encoding="utf-8")
        except OSError as error:
            raise InvocationError(
                f"The parameters' file '{self.params_file}' cannot be read: {error.strerror}."
            ) from error
        return {**_read_params(text), **self.params}

    def to_argv(self) -> list[str]:
        """Return the arguments as a step gets them when bash has read the command.

        Without the values of promoted parameters: those are not among the arguments, but in
        `to_document`.
        """
        return [word for words in self._words() for word in words]

    def to_document(self) -> str:
        """Return the text that a step with promoted parameters reads from its standard input."""
        return write_document(make_document_end(self.nodes, self.promoted), self.promoted)

    def to_command(self, program: str = SNAPSHOT_RUNNER, folder: str | None = None) -> str:
        """Return the command for Azure ML, one dataset a line.

        Args:
            program: What to start, already quoted where it needs to be.
            folder: Where to start it, where that is not the snapshot.

        Raises:
            ValueError: A name or a value that no command can hold, such as one with a NUL; or a
                promoted parameter whose value is not a binding.
        """
        if not self.promoted:
            command = self._command_line(program)
            return f"cd {quote(folder)} && {command}" if folder else command
        for name, each in self.promoted.items():
            if not BINDING.fullmatch(each.value):
                raise ValueError(f"The value of '{name}' is to be a binding, not {each.value!r}.")
        # Whatever fails here must leave the shell: behind it stand texts that are no commands.
        start = f"cd {quote(folder)} || exit 1; exec {program}" if folder else f"exec {program}"
        end = make_document_end(self.nodes, self.promoted)
        line = f"{self._command_line(start)} \\\n  {_SHELL_TEXT} <<'{end}'"
        return f"{line}\n{self.to_document()}{end}\n"

    def _command_line(self, program: str) -> str:
        command = program
        for flag, *names, last in self._words():
            quoted = _quote_path(last) if flag in _WITH_PATH else quote(last)
            start = " \\\n  " if names or flag in _ON_A_LINE_OF_ITS_OWN else " "
            command += start + " ".join([flag, *map(quote, names), quoted])
        return command

    @classmethod
    def from_argv(cls, argv: Sequence[str], stdin: BinaryIO | None = None) -> StepInvocation:
        """Read the arguments of a step.

        Args:
            argv: The arguments, without the program's own name.
            stdin: Where the values of promoted parameters come from; it is read only where there
                are any.

        Raises:
            InvocationError: The arguments are not those of `to_command`, or of another protocol.
            PromotedValueError: A promoted value holds what parts the values.
        """
        values: dict[str, list[tuple[str, ...]]] = {flag: [] for flag in _ARITY}
        rest = list(argv)
        while rest:
            flag = rest.pop(0)
            if flag not in _ARITY:
                raise InvocationError(f"Unknown argument {flag!r}. {_SAME_VERSION}")
            arity = _ARITY[flag]
            if len(rest) < arity:
                raise InvocationError(f"{flag} takes {arity} value(s), but {len(rest)} follow.")
            values[flag].append(tuple(rest[:arity]))
            del rest[:arity]

        def one(flag: str) -> str | None:
            if len(values[flag]) > 1:
                raise InvocationError(f"{flag} is given {len(values[flag])} times.")
            return values[flag][0][0] if values[flag] else None

        def several(flag: str) -> tuple[str, ...]:
            return tuple(value[0] for value in values[flag])

        def pairs(flag: str) -> dict[str, str]:
            return {value[0]: value[1] for value in values[flag]}

        protocol = one("--protocol")
        if protocol != str(PROTOCOL):
            raise InvocationError(
                f"The job was compiled for step protocol {protocol}, and this runner speaks "
                f"protocol {PROTOCOL}. {_SAME_VERSION}"
            )
        if not values["--node"]:
            raise InvocationError("No --node is given: there is nothing to run.")
        nodes = several("--node")
        types = pairs("--promoted")
        promoted: dict[str, Promoted] = {}
        if types:
            end = make_document_end(nodes, _make_without_values(types))
            text = _read_text(stdin)
            promoted = read_document(text, end, types, one("--shell-text") or "")
        return cls(
            nodes=nodes,
            pipelines=several("--pipeline"),
            env=one("--env"),
            conf_source=one("--conf-source"),
            package=one("--package"),
            params=_read_params(one("--params")),
            params_file=one("--params-file"),
            load_versions=pairs("--load-version"),
            inputs=pairs("--input"),
            outputs=pairs("--output"),
            order_outputs=several("--order-output"),
            reaches=several("--reaches"),
            key_vault=one("--key-vault"),
            promoted=promoted,
            protocol=PROTOCOL,
        )

    def _words(self) -> list[tuple[str, ...]]:
        words: list[tuple[str, ...]] = [("--protocol", str(self.protocol))]
        words += [("--pipeline", name) for name in self.pipelines]
        words += [("--node", name) for name in self.nodes]
        if self.env is not None:
            words.append(("--env", self.env))
        if self.conf_source is not None:
            words.append(("--conf-source", self.conf_source))
        if self.package is not None:
            words.append(("--package", self.package))
        if self.params:
            words.append(("--params", params_to_json(self.params)))
        if self.params_file is not None:
            words.append(("--params-file", self.params_file))
        words += [("--promoted", name, each.type) for name, each in sorted(self.promoted.items())]
        words += [("--load-version", *pair) for pair in sorted(self.load_versions.items())]
        words += [("--input", *pair) for pair in sorted(self.inputs.items())]
        words += [("--output", *pair) for pair in sorted(self.outputs.items())]
        words += [("--order-output", path) for path in self.order_outputs]
        words += [("--reaches", name) for name in self.reaches]
        if self.key_vault is not None:
            words.append(("--key-vault", self.key_vault))
        return words


def params_to_json(params: Mapping[str, Any]) -> str:
    """Write runtime parameters for the command or the file; the same ones give the same text.

    Example:
        >>> params_to_json({"b": "é", "a": [1, None]})
        '{"a": [1, null], "b": "é"}'
    """
    return json.dumps(params, ensure_ascii=False, sort_keys=True)


def _quote_path(path: str) -> str:
    # A binding is the one thing that Azure ML shall replace; the path that it puts there may hold
    # spaces, so it stands in double quotes, as in Azure's own examples.
    return f'"{path}"' if BINDING.fullmatch(path) else quote(path)


def _make_without_values(types: Mapping[str, str]) -> dict[str, Promoted]:
    """Return promoted parameters whose values are not known yet."""
    try:
        return {name: Promoted(kind, "") for name, kind in types.items()}
    except ValueError as error:
        raise InvocationError(f"{error} {_SAME_VERSION}") from error


def _read_text(stdin: BinaryIO | None) -> str:
    if stdin is None:
        raise InvocationError("The values of promoted parameters come from the standard input.")
    try:
        return stdin.read().decode()
    except UnicodeDecodeError as error:
        raise InvocationError(f"The values of promoted parameters: {error}.") from error


def _read_params(text: str | None) -> dict[str, Any]:
    if text is None:
        return {}
    try:
        params = json.loads(text)
    except ValueError as error:
        raise InvocationError(f"--params is not JSON: {error}.") from error
    if not isinstance(params, dict):
        raise InvocationError(f"--params is not a JSON object: {text[:80]}")
    return params
