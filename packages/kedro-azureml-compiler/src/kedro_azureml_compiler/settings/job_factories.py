"""Job factories: one entry of `jobs` that makes a job of each namespace of a pipeline.

A name with tokens, `"{region}-train"`, is a factory. The first entry of its `node_namespaces` is
its template, `"{region}"`: each namespace that fits it gives the tokens their values, and the
values are put wherever the tokens stand. The rules are those of kedro-azureml-pipeline 0.1.0.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from kedro_azureml_compiler.settings.models import Job
from kedro_azureml_compiler.settings.parsing import ConfigError, read_model

if TYPE_CHECKING:
    from collections.abc import Callable

# Not the braces of `${{name}}`, which are Azure ML's.
_TOKEN = re.compile(r"(?<!\{)\{([A-Za-z_][A-Za-z0-9_]*)\}(?!\})")


class FactoryJobs(NamedTuple):
    """The jobs that the factories of an `azureml.yml` create.

    Args:
        jobs: The jobs by name, sorted.
        mistakes: What is wrong with factories that create no jobs, each after its place.
    """

    jobs: Mapping[str, Job]
    mistakes: tuple[str, ...] = ()


class _Factory(NamedTuple):
    name: str
    job: Job

    @property
    def tokens(self) -> frozenset[str]:
        return frozenset(_TOKEN.findall(self.name))

    @property
    def literal_count(self) -> int:
        return len(_TOKEN.sub("", self.name))

    @property
    def ending(self) -> str:
        """Distinguishes the kinds of jobs: a namespace produces one job of each kind."""
        return _TOKEN.split(self.name)[-1].lstrip("-")

    @property
    def template(self) -> str | None:
        return next(iter(self.job.pipeline.node_namespaces), None)

    def can_use(self, values: Mapping[str, str]) -> bool:
        """Check whether all its tokens, including those of the template, have a value."""
        needed = self.tokens.union(_TOKEN.findall(self.template or ""))
        return bool(self.tokens) and needed <= set(values)

    def render(self, values: Mapping[str, str]) -> str:
        return _filled(self.name, values)


def is_factory(name: str) -> bool:
    """Check whether an entry of `jobs` is a factory, which creates jobs from namespaces.

    Example:
        >>> is_factory("{region}-train"), is_factory("eu-train")
        (True, False)
    """
    return "{" in name and "}" in name


def make_factory_jobs(
    jobs: Mapping[str, Job], namespaces: Callable[[Job], Collection[str]]
) -> FactoryJobs:
    """Create the jobs of all factories.

    If several factories produce one name, the one with the most literal characters in its own name
    creates the job; a job that has the name itself wins over all factories.

    Args:
        jobs: The mapping `jobs`.
        namespaces: Returns the namespaces of the nodes in the pipelines of a job.

    Example:
        >>> jobs = {"{region}-train": Job.model_validate(
        ...     {"pipeline": {"node_namespaces": ["{region}"]}, "display_name": "Train {region}"})}
        >>> made = make_factory_jobs(jobs, lambda job: ["eu", "us.north"]).jobs
        >>> {name: (job.display_name, job.pipeline.node_namespaces) for name, job in made.items()}
        {'eu-train': ('Train eu', ('eu',)), 'us-train': ('Train us', ('us',))}
    """
    factories = [_Factory(name, job) for name, job in jobs.items() if is_factory(name)]
    mistakes: dict[str, str] = {}
    offers: dict[str, dict[tuple[tuple[str, str], ...], _Factory]] = {}
    for factory in factories:
        problem = _problem(factory)
        if problem:
            mistakes[factory.name] = problem
            continue
        if factory.template is None:
            continue
        for bound in _values(factory.template, namespaces(factory.job)):
            chosen, name = _choose(factory, factories, bound)
            offers.setdefault(name, {})[tuple(sorted(bound.items()))] = chosen
    made: dict[str, Job] = {}
    for name, by_values in sorted(offers.items()):
        if name in jobs:
            continue
        best = max(factory.literal_count for factory in by_values.values())
        rendered = {
            (values, factory.name): _rendered_job(name, factory.job, dict(values))
            for values, factory in by_values.items()
            if factory.literal_count == best
        }
        first, *others = rendered.values()
        if any(other != first for other in others):
            mistakes[name] = _several(rendered)
        else:
            made[name] = first
    useful = {factory.name for by_values in offers.values() for factory in by_values.values()}
    for factory in factories:
        if factory.template is None and factory.name not in useful | set(mistakes):
            mistakes[factory.name] = (
                "no template defines its tokens; write it as the first entry of "
                f"'pipeline.node_namespaces', for example [\"{_example(factory)}\"]"
            )
    return FactoryJobs(made, tuple(f"jobs.{name}: {text}" for name, text in mistakes.items()))


def find_factory_entry(
    jobs: Mapping[str, Job], name: str, key: Literal["notifications", "workspace"]
) -> str | None:
    """Return the entry that a factory names for a job, without reading the project.

    Args:
        jobs: The mapping `jobs`.
        name: Name of the job, as a factory may produce it.
        key: The setting of the job that names the entry.

    Returns:
        None if no factory matches the name.

    Example:
        >>> jobs = {"{region}-train": Job.model_validate({"workspace": "{region}-lab"})}
        >>> find_factory_entry(jobs, "eu-train", "workspace")
        'eu-lab'
        >>> find_factory_entry(jobs, "eu-test", "workspace")
    """
    fitting = []
    for factory in (_Factory(pattern, job) for pattern, job in jobs.items() if is_factory(pattern)):
        found = _expression(factory.name).fullmatch(name)
        if found:
            entry = _filled(getattr(factory.job, key), found.groupdict())
            fitting.append((factory.literal_count, factory.name, entry))
    return max(fitting)[2] if fitting else None


def _problem(factory: _Factory) -> str | None:
    if not factory.tokens or set(_TOKEN.sub("", factory.name)) & set("{}"):
        return "expected a token as a name between braces, for example {region}"
    if factory.template is None:
        return None
    parts = factory.template.split(".")
    if any(len(_TOKEN.findall(part)) > 1 for part in parts):
        return f"'{factory.template}' has two tokens in one part; separate them with a dot"
    unbound = sorted(factory.tokens.difference(_TOKEN.findall(factory.template)))
    if unbound:
        tokens = ", ".join(f"{{{token}}}" for token in unbound)
        return (
            f"{tokens} has no value: the first entry of its 'node_namespaces' is "
            f"'{factory.template}'"
        )
    return None


def _values(template: str, namespaces: Iterable[str]) -> list[dict[str, str]]:
    """Bind the tokens of a template to the namespaces that match it, at its depth."""
    depth = template.count(".") + 1
    expression = _expression(template)
    found = {}
    for namespace in sorted(namespaces):
        parts = namespace.split(".")
        if len(parts) >= depth:
            match = expression.fullmatch(".".join(parts[:depth]))
            if match:
                found[match.group()] = match.groupdict()
    return list(found.values())


def _expression(template: str) -> re.Pattern[str]:
    pattern, end, seen = "", 0, set[str]()
    for match in _TOKEN.finditer(template):
        token = match.group(1)
        pattern += re.escape(template[end : match.start()])
        pattern += f"(?P={token})" if token in seen else rf"(?P<{token}>[^.]+)"
        seen.add(token)
        end = match.end()
    return re.compile(pattern + re.escape(template[end:]))


def _choose(
    owner: _Factory, factories: Iterable[_Factory], values: Mapping[str, str]
) -> tuple[_Factory, str]:
    """Choose the factory and the name of the job of a namespace.

    The name comes from the most general factory of this kind of job, the one with the most tokens;
    the factory is the most specific one that produces this name.
    """
    fitting = [
        factory
        for factory in factories
        if factory is owner or (factory.ending == owner.ending and factory.can_use(values))
    ]
    general = max(fitting, key=lambda f: (len(f.tokens), f.literal_count, f.name))
    name = general.render(values)
    same = [factory for factory in fitting if factory.render(values) == name]
    return max(same, key=lambda f: (f.literal_count, f.name)), name


def _rendered_job(name: str, job: Job, values: Mapping[str, str]) -> Job:
    content = job.model_dump(exclude_unset=True, by_alias=True)
    return read_model(Job, _render(content, values, f"jobs.{name}"), "azureml.yml", ("jobs", name))


def _render(value: Any, values: Mapping[str, str], place: str) -> Any:
    if isinstance(value, str):
        return _filled(value, values)
    if isinstance(value, (list, tuple)):
        return [_render(item, values, place) for item in value]
    if not isinstance(value, Mapping):
        return value
    rendered: dict[Any, Any] = {}
    for key, inner in value.items():
        new = _filled(key, values) if isinstance(key, str) else key
        if new in rendered:
            raise ConfigError(
                f"azureml.yml has a mistake:\n  {place}: two keys become '{new}' when the tokens "
                "are replaced"
            )
        rendered[new] = _render(inner, values, f"{place}.{new}")
    return rendered


def _filled(text: str, values: Mapping[str, str]) -> str:
    return _TOKEN.sub(lambda match: values.get(match.group(1), match.group()), text)


def _several(rendered: Iterable[tuple[tuple[tuple[str, str], ...], str]]) -> str:
    sources = "; ".join(
        f"'{factory}' with {', '.join(f'{token}={value}' for token, value in values)}"
        for values, factory in rendered
    )
    return f"several jobs would have this name: {sources}. Add tokens to the names"


def _example(factory: _Factory) -> str:
    return ".".join(f"{{{token}}}" for token in sorted(factory.tokens))
