"""Random Kedro projects: a pipeline, a catalog and the settings of a job that fit each other.

Most are such that a job can be made of them; some have something that a job cannot have.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

from hypothesis import strategies as st

MADE = {
    "undeclared": "any", "memory": "any", "memory_assign": "any",
    "pickle": "any", "json": "json", "csv": "frame", "parquet": "frame", "text": "text",
    "parts": "parts", "cached": "frame", "pattern": "frame", "narrow_pattern": "any",
    "transcoded": "frame", "asset": "frame", "asset_file": "json", "asset_transcoded": "frame",
    "table": "frame",
}  # fmt: skip
"""What a node can write and a job can carry, and the kind of value that each takes."""

LOCAL = {
    "local": "frame", "local_outside": "frame", "local_transcoded": "frame",
    "local_table": "frame", "local_folder": "frame",
}  # fmt: skip
"""What a node can write, and a job carries inside one step alone."""

FOUND = ("uploaded", "value", "local", "table", "asset_pinned", "asset_latest", "asset_file_in")
"""What a node can read though nothing produces it."""

MISSING = (
    "undeclared", "memory", "not_there", "local_missing", "local_outside", "local_ignored",
    "mixed", "no_param",
)  # fmt: skip
"""What it cannot."""

IN_MEMORY = {"undeclared", "memory", "memory_assign"}
STANDARD = {"table", *LOCAL, "local_missing", "local_ignored"}
ASSETS = {
    "asset",
    "asset_file",
    "asset_transcoded",
    "asset_pinned",
    "asset_latest",
    "asset_file_in",
}

HOSTILE = (
    "Model", "model", "a.b", "a_b", "it's", "x y", "x;y", "$(touch F)", "`id`", "é", "-x", "--node",
    "a/b", "a\\b", '"q"', "x&y|z", "#1", "a,b", "a:b", "1", "_finished", "_params", "parent.jobs",
    "long" * 60, "*", "a\nb", "null", "~", "{}", "${{inputs.x}}", "$[[x]]", "%s", "_after_n1", " ",
)  # fmt: skip
NODE_NAMES = (
    "Make",
    "make",
    "class",
    "é",
    "-x",
    "--node",
    "a.b",
    "a_b",
    "1",
    "job",
    "eu",
    "g1",
    "long" * 50,
)
NAMESPACES = (None, None, "eu", "us", "eu.north", "us.deep.er")
TEXTS = (
    "it's", "x'; touch F; echo '", "$HOME", "`id`", '"', "a\nb", "ä", "null", "1e3", "\\", "true",
    "  spaced  ", "${HOME}", "#", "EOF", "%(x)s",
)  # fmt: skip


@dataclass(frozen=True)
class RandomData:
    """One dataset, without its transcoding.

    `kind` is a key of `MADE`, `LOCAL`, `FOUND` or `MISSING`; `asset` the name of the data asset,
    where it is one.
    """

    name: str
    kind: str
    number: int
    free: bool = False
    asset: str = ""

    @property
    def value(self) -> str:
        """The kind of value that is written."""
        return {**MADE, **LOCAL}[self.kind]

    @property
    def written_as(self) -> str:
        """Its name as an output of a node."""
        return f"{self.name}@pandas" if "transcoded" in self.kind else self.name


@dataclass(frozen=True)
class RandomNode:
    """One node, as `small_project/random_registry.py` makes it; `full_name` is Kedro's."""

    name: str
    namespace: str | None
    inputs: list[str]
    outputs: Any
    kinds: list[str]
    tags: list[str]
    generates: bool
    mutates: bool

    @property
    def full_name(self) -> str:
        return f"{self.namespace}.{self.name}" if self.namespace else self.name

    @property
    def written(self) -> list[str]:
        if isinstance(self.outputs, dict):
            return list(self.outputs.values())
        return [self.outputs] if isinstance(self.outputs, str) else list(self.outputs or ())


@dataclass(frozen=True)
class RandomProject:
    """All that a project is made of.

    Args:
        nodes: In an order in which they can run.
        data: The datasets by name, without parameters.
        parameters: `parameters.yml`.
        job: The job in `azureml.yml`.
        catch_all: Whether the catalog has a pattern for every name.
    """

    nodes: tuple[RandomNode, ...]
    data: dict[str, RandomData]
    parameters: dict[str, Any]
    job: dict[str, Any]
    catch_all: bool = False
    spec: dict[str, Any] = field(init=False, repr=False, compare=False, default_factory=dict)

    def __post_init__(self) -> None:
        self.spec["nodes"] = [asdict(node) for node in self.nodes]

    @property
    def selected(self) -> tuple[RandomNode, ...]:
        """The nodes that the job runs."""
        wanted = set(self.job.get("pipeline", {}).get("to_nodes", ()))
        if not wanted:
            return self.nodes
        chosen: list[RandomNode] = []
        needed: set[str] = set()
        for node in reversed(self.nodes):
            if node.full_name in wanted or needed & {n.partition("@")[0] for n in node.written}:
                needed |= {name.partition("@")[0] for name in node.inputs}
                chosen.append(node)
        return tuple(reversed(chosen))


@st.composite
def projects(draw: st.DrawFn, groupings: tuple[str, ...], most: int = 40) -> RandomProject:
    """Draw a project.

    Args:
        draw: Hypothesis's.
        groupings: Kinds of grouping to choose from: `node`, `namespace`, `memory`, `pipeline` and
            `named`.
        most: The largest number of nodes.
    """
    drawing = _Drawing(draw)
    nodes = tuple(drawing.node(i) for i in range(draw(st.integers(1, most))))
    job = draw(_jobs(nodes, draw(st.sampled_from(groupings)), drawing.sound))
    texts = {f"text{k}": draw(st.sampled_from(TEXTS)) for k in range(2)}
    parameters = {
        "whole": draw(st.integers(-5, 10**12)),
        "part": draw(st.floats(-1e9, 1e9)),
        "yes": draw(st.booleans()),
        "model": {"alpha": 0.5, "names": ["x", *texts.values()], **texts},
        "empty": "",
        "nothing": None,
    }
    project = RandomProject(nodes, drawing.data, parameters, job, drawing.catch_all)
    # Each run of a test has its own database, which all of its steps reach.
    used = {n.partition("@")[0] for node in project.selected for n in (*node.inputs, *node.written)}
    tables = [d.name for d in drawing.data.values() if d.kind == "table" and d.name in used]
    if tables:
        job["external"] = tables
    return project


class _Drawing:
    """Nodes and datasets as they are drawn, each knowing those before it."""

    def __init__(self, draw: st.DrawFn) -> None:
        self._draw = draw
        self.sound = draw(st.integers(0, 9)) < 6
        self.catch_all = draw(st.integers(0, 5)) == 0
        self.data: dict[str, RandomData] = {}
        self._hostile = draw(
            st.permutations([n for n in HOSTILE if not self.catch_all or _is_path(n)])
        )
        self._node_names = draw(st.permutations(NODE_NAMES))
        few = draw(st.sampled_from([tuple(MADE), ("undeclared",), ("table", "csv", "undeclared")]))
        self._made = few if self.sound else (*few, *few, *LOCAL)
        self._free = FOUND if self.sound else (*FOUND, *FOUND, *MISSING)
        self._assets = ["shared"] if not self.sound and draw(st.booleans()) else []
        self._readable: list[str] = []  # what a later node can take, with its transcoding

    def node(self, number: int) -> RandomNode:
        draw = self._draw
        namespace = draw(st.sampled_from(NAMESPACES))
        inputs = [self._input(namespace) for _ in range(draw(st.integers(0, 4)))]
        taken = [name for names in inputs for name in names]
        counts = [0, 1, 1, 1, 1, 2, 3] if taken else [1, 1, 2]
        outputs = [
            self._new_data(draw(st.sampled_from(self._made)), free=False, namespace=namespace)
            for _ in range(draw(st.sampled_from(counts)))
        ]
        names = [output.written_as for output in outputs]
        shape: Any = names
        if draw(st.booleans()):
            shape = {f"k{k}": name for k, name in enumerate(names)} or None
        elif len(names) < 2:
            shape = names[0] if names else None
        bases = {name.partition("@")[0] for name in taken}
        assigned = any(self.data[n].kind == "memory_assign" for n in bases & set(self.data))
        special = number % 3 == 1 and number // 3 < len(self._node_names)
        tags = st.lists(st.sampled_from(["a", "b", "deterministic"]), unique=True, max_size=2)
        self._readable += names
        self._readable += [f"{o.name}@text" for o in outputs if "transcoded" in o.kind]
        return RandomNode(
            self._node_names[number // 3] if special else f"n{number}",
            namespace,
            taken,
            shape,
            [output.value for output in outputs],
            draw(tags),
            generates=bool(outputs) and draw(st.integers(0, 7)) == 0,
            mutates=not assigned and draw(st.integers(0, 3)) == 0,
        )

    def _input(self, namespace: str | None) -> list[str]:
        draw, readable = self._draw, self._readable
        choice = draw(st.integers(0, 19))
        if readable and choice < 15:
            # Mostly what has just been made: chains are where order shows.
            near = max(0, len(readable) - 6) if choice < 10 else 0
            return [readable[draw(st.integers(near, len(readable) - 1))]]
        if choice >= 17:
            return [draw(st.sampled_from(PARAMETERS))]
        kind = draw(st.sampled_from(self._free))
        if kind == "no_param":
            return ["params:nobody"]
        found = self._new_data(kind, free=True, namespace=namespace)
        names = [found.name]
        if kind == "mixed":
            names = [f"{found.name}@pandas", f"{found.name}@text"]
        readable += names
        return names

    def _new_data(self, kind: str, *, free: bool, namespace: str | None) -> RandomData:
        draw, number = self._draw, len(self.data)
        hostile = number % 2 == 1 and number // 2 < len(self._hostile)
        name = self._hostile[number // 2] if hostile else f"d{number}"
        if kind in {"pattern", "narrow_pattern"}:
            name = f"d{number}_raw_table" if kind == "narrow_pattern" else f"d{number}_table"
        elif (
            kind == "asset_latest"
            or (kind != "undeclared" and ("{" in name or name[0] == "_"))
            or (kind == "table" and "*" in name)
        ):
            # --load-versions can name it; in a catalog, { makes a pattern and _ a template; in
            # `external`, * makes a glob.
            name = f"d{number}"
        if namespace and draw(st.booleans()):
            name = f"{namespace}.{name}"
        asset = draw(st.sampled_from([f"asset-{number}", *self._assets])) if kind in ASSETS else ""
        self.data[name] = RandomData(name, kind, number, free, asset)
        return self.data[name]


PARAMETERS = (
    "parameters", "params:whole", "params:part", "params:yes", "params:model", "params:model.text0",
    "params:model.names",
)  # fmt: skip

PROMOTABLE = ("whole", "part", "yes", "model.text0", "model.text1")
NOT_PROMOTABLE = ("empty", "nothing", "model", "model.names", "nobody")


def _is_path(name: str) -> bool:
    """Whether a name can be a file's, and is no pattern's."""
    return len(name) < 200 and not set(name) & set("/\\{}$*") and bool(name.strip(" ~"))


@st.composite
def _jobs(
    draw: st.DrawFn, nodes: tuple[RandomNode, ...], grouping: str, sound: bool
) -> dict[str, Any]:
    job: dict[str, Any] = {}
    if grouping == "named":
        groups: dict[str, list[str]] = {}
        for i in range(draw(st.integers(1, 4))):
            near = draw(st.integers(0, len(nodes) - 1))
            some = nodes[near : near + draw(st.integers(1, 6))]
            patterns = [node.full_name for node in some if not set(node.full_name) & set("*?")]
            if not sound and draw(st.integers(0, 3)) == 0:
                more = ["tag:a", "namespace:eu", "n1*", "tag:nobody", "nobody", "namespace:us.deep"]
                patterns.append(draw(st.sampled_from(more)))
            known = {p for others in groups.values() for p in others}
            if sound:
                patterns = [p for p in patterns if p not in known]
            if patterns:
                groups[draw(st.sampled_from([f"group {i}", f"g{i}", "Group"]))] = patterns
        job["grouping"] = groups or "node"
    else:
        job["grouping"] = grouping
        if draw(st.integers(0, 5)) == 0:
            job["pipeline"] = {"to_nodes": [draw(st.sampled_from(nodes)).full_name]}
    promoted = draw(st.lists(st.sampled_from(PROMOTABLE), unique=True, max_size=3))
    if not sound:
        promoted += draw(st.lists(st.sampled_from(NOT_PROMOTABLE), unique=True, max_size=1))
    if promoted:
        job["inputs"] = {f"p{k}": f"params:{name}" for k, name in enumerate(promoted)}
    if draw(st.integers(0, 7)) == 0:
        job["deterministic"] = True
    if draw(st.booleans()):
        # Kedro itself looks up ${...} in runtime parameters, so it can run none with that.
        texts = [text for text in TEXTS if "${" not in text]
        job["params"] = {"model": {"text0": draw(st.sampled_from(texts))}}
    return job
