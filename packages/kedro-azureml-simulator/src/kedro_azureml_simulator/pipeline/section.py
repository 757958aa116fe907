"""Typed access to a mapping read from YAML, collecting what is wrong instead of raising."""

from __future__ import annotations

import difflib
import math
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kedro_azureml_simulator.pipeline.bound_literals import find_bound_value
from kedro_azureml_simulator.pipeline.rules import RULES
from kedro_azureml_simulator.pipeline.yaml_reader import YamlMapping
from kedro_azureml_simulator.problems import Problem

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from typing import Literal


@dataclass(frozen=True)
class Reading:
    """What all sections of one pipeline share.

    Args:
        working_dir: Where local data is looked for that is not beside the file.
        components: Files that stand for components of a workspace or registry.
        problems: What was found so far.
    """

    working_dir: Path = field(default_factory=Path.cwd)
    components: Mapping[str, Path] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)


@dataclass(frozen=True)
class Section:
    """One mapping of the YAML, where it is, and where its problems go."""

    where: str
    values: Mapping[str, Any]
    reading: Reading = field(repr=False)
    file: Path | None = None
    line: int = 0
    lines: Mapping[str, int] = field(default_factory=dict, repr=False)
    literals: Mapping[str, Any] | None = field(default_factory=dict, repr=False)
    """The literal inputs that numbers here may be bound to."""

    @classmethod
    def of_file(cls, content: object, file: Path, reading: Reading) -> Section:
        """Return the section of a whole file; it is empty where the content is not a mapping."""
        return cls("", {}, reading, file).subsection("", content)

    def problem(self, key: str, text: str, hint: str = "", *, rule: str = "") -> None:
        """Record an error at a key; an empty key means the section itself.

        Args:
            key: The key, or several that are joined by dots.
            text: What is wrong.
            hint: What to write instead.
            rule: Why it is refused, where the SDK's validation accepts it.
        """
        if rule and rule not in RULES:
            raise ValueError(f"'{rule}' is not a rule of the list")
        self._add(key, text, hint, "error", rule)

    def warn(self, key: str, text: str, hint: str = "") -> None:
        """Record what looks wrong at a key and runs all the same."""
        self._add(key, text, hint, "warning")

    def note(self, key: str, text: str, hint: str = "") -> None:
        """Record what is worth knowing about a key."""
        self._add(key, text, hint, "note")

    def _add(
        self,
        key: str,
        text: str,
        hint: str,
        severity: Literal["error", "warning", "note"],
        rule: str = "",
    ) -> None:
        place = self._place(key)
        self.reading.problems.append(
            Problem(place, text, hint, severity, rule, self.file, self.line_of(key))
        )

    def line_of(self, key: str) -> int:
        """Return the line of a key, or of the nearest mapping around it."""
        line, lines, values = self.line, self.lines, self.values
        for part in key.split("."):
            line = lines.get(part, line)
            value = values.get(part)
            if not isinstance(value, YamlMapping):
                break
            lines, values = value.lines, value
        return line

    def section(self, key: str) -> Section:
        """Return the mapping under a key, empty where there is none."""
        return self.subsection(key, self.values.get(key))

    def subsection(self, key: str, value: object, file: Path | None = None) -> Section:
        """Return a value as a section below this one.

        Args:
            key: What it is called.
            value: The value.
            file: The file that it was read from, None for this section's own.
        """
        file = file or self.file
        line = self.line_of(key) if file == self.file else 1
        lines: Mapping[str, int] = {}
        if value is None:
            value = {}
        if not isinstance(value, dict):
            self.problem(key, f"must be a mapping, not {describe_kind(value)}")
            value = {}
        if isinstance(value, YamlMapping):
            line, lines = line or value.line, value.lines
            for name, repeated_at in value.repeated:
                place = ".".join(part for part in (self._place(key), name) if part)
                self.reading.problems.append(
                    Problem(
                        place,
                        "stands here twice; the last value counts",
                        "remove one of the two",
                        "warning",
                        file=file,
                        line=repeated_at,
                    )
                )
        for name in value:
            if not isinstance(name, str):
                self.problem(key, f"the key {name!r} is not a string", f'quote it: "{name}"')
        named = {name: item for name, item in value.items() if isinstance(name, str)}
        return Section(self._place(key), named, self.reading, file, line, lines, self.literals)

    def _place(self, key: str) -> str:
        return ".".join(part for part in (self.where, key) if part)

    def string(self, key: str) -> str | None:
        """Return a string, None where there is none."""
        value = self.values.get(key)
        if value is None or isinstance(value, str):
            return value
        self.problem(key, f"must be a string, not {describe_kind(value)}", f'quote it: "{value}"')
        return None

    def string_or_number(self, key: str) -> str | None:
        """Return a string, None where there is none; a number is the text that it is sent as."""
        value = self.values.get(key)
        if isinstance(value, int | float) and not isinstance(value, bool):
            return str(value)
        return self.string(key)

    def bound_string(self, key: str) -> str | None:
        """Return a string that may be bound to a literal input, None where there is none."""
        written = self.values.get(key)
        value = find_bound_value(written, self.literals)
        if self.refuse_unbound(key, value):
            return None
        # A literal is sent as text; what stands here itself must be a string.
        return self.string(key) if value is written else str(value)

    def refuse_unbound(self, key: str, value: object) -> bool:
        """Record, and return, whether a value is a binding that leads to no literal input."""
        if not isinstance(value, str) or not value.startswith("${{"):
            return False
        if self.literals is None:
            self.problem(
                key,
                f"`{value}`: only a component's settings can be bound",
                "write the value itself, or the step with `component:`",
            )
        else:
            self.problem(
                key,
                f"`{value}` is not a literal input of the pipeline",
                "bind it to one, or write the value itself",
                rule="binding-target",
            )
        return True

    def flag(self, key: str, *, default: bool) -> bool:
        """Return a truth value, as the SDK reads it."""
        value = self.values.get(key)
        if value is None:
            return default
        text = str(value).lower() if isinstance(value, str | bool | int) else ""
        if text in {"true", "t", "yes", "y", "on", "1"}:
            return True
        if text not in {"false", "f", "no", "n", "off", "0"}:
            self.problem(key, f"must be true or false, not {describe_kind(value)}")
        return False

    def whole_number(self, key: str, default: int) -> int:
        """Return a whole number; a string of digits is one."""
        value = find_bound_value(self.values.get(key, default), self.literals)
        if isinstance(value, float) and math.isfinite(value):
            if not value.is_integer():
                read = f"Azure ML reads {value} as {int(value)}"
                self.warn(key, read, "write a whole number")
            value = int(value)
        if isinstance(value, str) and value.strip().lstrip("+-").isdecimal():
            value = int(value)
        if isinstance(value, int) and not isinstance(value, bool):
            return value
        if self.refuse_unbound(key, value):
            return default
        self.problem(key, f"must be a whole number, not {describe_kind(value)}")
        return default

    def count(self, key: str, default: int, *, least: int = 1) -> int:
        """Return a whole number; warn where it is below what makes sense."""
        value = self.whole_number(key, default)
        if value >= least:
            return value
        self.warn(key, f"{value} makes no sense here; {default} is used", f"write {least} or more")
        return default

    def only(self, known: Collection[str]) -> None:
        """Record every key that is not known as an error."""
        for key in self.values:
            if key not in known:
                self.problem(key, f"unknown key `{key}`", did_you_mean(key, known))

    def refuse_nulls(self, known: Collection[str], *, but: Collection[str] = ()) -> None:
        """Record every known key without a value as an error, as the SDK does.

        Args:
            known: The keys that are known.
            but: Keys that the SDK takes without a value, or that are judged elsewhere.
        """
        for key, value in self.values.items():
            if value is None and key in known and key not in but:
                self.problem(key, "has no value", "remove the key, or give it a value")

    def ignore_others(self, known: Collection[str]) -> None:
        """Record every key that is not known as a warning: Azure ML ignores it."""
        for key in self.values:
            if key not in known:
                self.warn(
                    key, f"unknown key `{key}`, which Azure ML ignores", did_you_mean(key, known)
                )


def did_you_mean(name: str, known: Collection[str]) -> str:
    """Return a hint that offers the nearest known name, or all of them.

    Args:
        name: The name that is not known.
        known: The names that are.

    Example:
        >>> did_you_mean("comand", ["command", "code"])
        'did you mean `command`?'
        >>> did_you_mean("x", [])
        'there is none'
    """
    near = difflib.get_close_matches(name, known, n=1)
    if near:
        return f"did you mean `{near[0]}`?"
    if not known:
        return "there is none"
    return "known: " + ", ".join(sorted(known))


def describe_kind(value: object) -> str:
    """Return in words what a value of YAML is."""
    if isinstance(value, dict):
        return "a mapping"
    kinds = {list: "a list", str: f"the string {value!r}", bool: "true or false"}
    return kinds.get(type(value), f"{value!r}")
