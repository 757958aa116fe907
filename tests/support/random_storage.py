"""Random projects whose data lies wherever a catalog can put it.

About three in four are drawn from what a job can have, the others from everything. Nothing here
knows what the compiler says of a project.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from hypothesis import strategies as st
from storage_kinds import (
    APPENDING,
    ASSET,
    CSV,
    FEATURES,
    LAZY,
    OWN_FLOWS,
    PATHS,
    PIPELINE,
    REPLACING,
    TYPES,
    UNWRAPPED,
    Store,
)

PARAMETERS = ("params:k", "params:deep", "params:deep.b", "parameters")


@dataclass
class StoredProject:
    """All that a project is made of.

    Args:
        nodes: Their names, inputs, outputs, kinds of outputs, and the input that is handed on.
        entries: The catalog.
        stores: All places.
        credentials: Files of the configuration to their content.
        parameters: The same of parameters.
        ignored: Lines of the ignore file.
        variables: Variables that both the person and the steps have; `{run}` tells them apart.
        unset: Those that no step gets.
        job: The job in `azureml.yml`.
        env: The Kedro environment.
        hands_on: Whether a node hands on an object that reads its data later.
        features: What is worth counting about it.
    """

    nodes: list[dict[str, Any]] = field(default_factory=list)
    entries: dict[str, Any] = field(default_factory=dict)
    stores: list[Store] = field(default_factory=list)
    credentials: dict[str, dict[str, Any]] = field(default_factory=dict)
    parameters: dict[str, dict[str, Any]] = field(default_factory=dict)
    ignored: list[str] = field(default_factory=list)
    variables: dict[str, str] = field(default_factory=dict)
    unset: set[str] = field(default_factory=set)
    job: dict[str, Any] = field(default_factory=dict)
    env: str | None = None
    hands_on: bool = False
    features: set[str] = field(default_factory=set)


@st.composite
def stored_projects(draw: st.DrawFn) -> StoredProject:
    """Draw a project of up to five nodes."""
    return _Drawing(draw).project


class _Drawing:
    """A project as it is drawn, node by node, each knowing those before it.

    In the mode `anything`, whatever a catalog can say is drawn; in the others what can be right.
    """

    def __init__(self, draw: st.DrawFn) -> None:
        self._draw = draw
        self.project = StoredProject()
        self._mode = self._pick(*["steps"] * 5, *["one step"] * 2, *["anything"] * 2)
        some = ("pipeline",) if self._mode == "one step" else ("node", "node", "memory")
        grouping = self._pick(*some, *(["pipeline"] if self._mode == "anything" else []))
        self.project.job["grouping"] = grouping
        self._stays = grouping in {"pipeline", "memory"}  # what is in memory is in no pickle
        self._store_of: dict[str, Store] = {}  # of each dataset that can be read
        self._plain_unread: set[str] = set()
        self._configure()
        for number in range(draw(st.integers(1, 4))):
            reads = [self._read() for _ in range(draw(st.integers(0, 3)))]
            self._add_node(f"n{number}", list(dict.fromkeys(reads)), self._pick(0, 1, 1, 2))
        if self._plain_unread and self._mode == "one step":  # else they vanish, which is a warning
            self._add_node("last", sorted(self._plain_unread), 0)

    def _pick(self, *values: Any) -> Any:
        return self._draw(st.sampled_from(values))

    def _chance(self, in_ten: int) -> bool:
        return self._draw(st.integers(1, 10)) <= in_ten

    def _configure(self) -> None:
        """Draw layers of parameters, and what of the configuration stays behind."""
        project, layers = self.project, self.project.parameters
        behind = "configuration that stays behind"
        layers["base/parameters.yml"] = {"k": 2, "deep": {"a": 1, "b": "x"}}
        if self._chance(4):
            project.env = "prod"
            layers["prod/parameters.yml"] = {"k": 100, "deep": {"b": "y"}}
        if self._chance(3):
            project.features.add(behind)
            layers["local/parameters.yml"] = {"k" if self._mode == "anything" else "unused": 7}
        if self._chance(3):
            layers["base/parameters_more.yml"] = {"unused_too": 5}
            project.ignored.append("conf/base/parameters_more.yml")
            project.features.add(behind)
        if self._mode == "anything":
            lines = ["conf/prod/parameters.yml", "conf/prod/", "*.db", "*.csv", "data/raw/"]
            project.ignored += self._draw(st.lists(st.sampled_from(lines), max_size=2))

    def _add_node(self, name: str, reads: list[str], writes: int) -> None:
        outputs: dict[str, str] = {}
        for _ in range(writes):
            written, store = self._written()
            outputs[written] = store.value
            self._store_of[written] = store
            if self.project.entries.get(written, {}).get("type") not in {None, PIPELINE, ASSET}:
                self._plain_unread.add(written)
        lazy = [i for i, read in enumerate(reads) if self._kind(read) in LAZY]
        passed = None
        if lazy and (self._mode == "anything" or self._stays) and self._chance(5):
            passed, handed_on = lazy[0], f"handed_on_by_{name}"
            self.project.hands_on = True
            self.project.features.add("object handed on that reads its data later")
            outputs[handed_on] = "json"
            self._store_of[handed_on] = self._store_of[reads[passed]]
        self._plain_unread -= set(reads)
        result = {"type": "json.JSONDataset", "filepath": f"{name}.json"}
        self.project.entries[f"result_{name}"] = _wrapped(result, "filepath", "data/results")
        self.project.nodes.append(
            {
                "name": name, "inputs": reads, "outputs": list(outputs),
                "kinds": list(outputs.values()), "passed": passed,
            }
        )  # fmt: skip

    def _kind(self, dataset: str) -> str:
        return self._store_of[dataset].kind if dataset in self._store_of else ""

    def _read(self) -> str:
        if self._store_of and self._chance(6):
            return str(self._pick(*self._store_of))
        if self._chance(2):
            return str(self._pick(*PARAMETERS))
        store = self._new_store(self._pick(*TYPES, "asset", "shared"), seeded=True)
        names = [self._add_entry(store, self._pick(*self._forms(store.kind, written=False)))]
        if store.kind != "shared" and self._chance(2):  # a second entry that leads to the same data
            names.append(
                self._add_entry(store, self._pick(*self._forms(store.kind, written=False)))
            )
        self._store_of |= dict.fromkeys(names, store)
        return names[0]

    def _written(self) -> tuple[str, Store]:
        """Draw a dataset that no node has written yet."""
        stores = [s for s in self.project.stores if s.kind not in OWN_FLOWS and self._is_free(s)]
        if stores and self._mode != "steps" and self._chance(3):
            store = self._pick(*stores)
        else:
            usable = [kind for kind in TYPES if self._forms(kind, written=True)]
            kind = self._pick(*usable, *["memory"] * 4, "asset", "shared")
            seeded = kind in APPENDING and self._mode != "steps" and self._chance(4)
            store = self._new_store(kind, seeded=seeded or kind == "hidden")
        return self._add_entry(store, self._pick(*self._forms(store.kind, written=True))), store

    def _is_free(self, store: Store) -> bool:
        """Whether a second entry may lead to what is written there."""
        return self._mode == "anything" or all(
            self.project.entries[name]["type"] != PIPELINE for name in self._names(store)
        )

    def _names(self, store: Store) -> list[str]:
        return [
            name for name in self.project.entries if name.startswith(f"{store.kind}{store.number}_")
        ]

    def _forms(self, kind: str, *, written: bool) -> list[str]:
        """Return the forms of entries that are possible."""
        if kind in OWN_FLOWS:
            return ["plain"]
        wrapped = [] if kind in UNWRAPPED else ["wrapped"]
        if written and self._mode == "steps":
            return wrapped
        forms = ["plain", "cached"]
        if self._mode != "one step" or not written:
            forms += wrapped
        if written and kind in APPENDING:
            forms.append("appending")
        if self._mode == "anything":
            forms += [*(f"{form} inside" for form in forms[1:] if wrapped), "cached around"]
            forms = [form for form in forms if form != "wrapped inside"]
        if not written and kind == "sqlite":
            forms.append("query")
        if not written and kind == "csv":
            forms.append("folder")
        return forms

    def _new_store(self, kind: str, *, seeded: bool) -> Store:
        store = Store(kind, len(self.project.stores), seeded)
        self.project.stores.append(store)
        if kind in FEATURES:
            self.project.features.add(FEATURES[kind])
        return store

    def _add_entry(self, store: Store, form: str) -> str:
        number = len(self.project.entries)
        name = f"{store.kind}{store.number}_{number}"
        if store.kind == "memory":
            return name
        if self._names(store):
            self.project.features.add("two entries with one address")
        for word, feature in (("cached", "CachedDataset"), ("appending", "appended data")):
            if word in form:
                self.project.features.add(feature)
        entry = self._entry(store, "appending" if "appending" in form else form)
        argument = PATHS.get(store.kind, "filepath")
        if "cached inside" in form:
            entry = {"type": "CachedDataset", "dataset": entry}
        if form in {"wrapped", "cached inside", "appending inside", "cached around"}:
            path, up = store.path, self._pick(1, 2)
            root = path.parents[up - 1]
            inner = entry["dataset"] if "cached inside" in form else entry
            inner[argument] = str(path.relative_to(root))
            entry = _wrapped(entry, argument, str(root))
        if form in {"cached", "cached around"}:
            entry = {"type": "CachedDataset", "dataset": entry}
        self.project.entries[name] = entry
        return name

    def _entry(self, store: Store, form: str) -> dict[str, Any]:
        """Return an entry that is not wrapped."""
        kind, path, own = store.kind, self._spelled(store), f"{store.kind}{store.number}"
        if form == "folder":
            return {**TYPES["parts"], "path": str(store.path.parent)}
        if kind == "asset":
            nested = {**CSV, "filepath": "x.csv"}
            entry = {"type": ASSET, "azureml_dataset": own, "root_dir": "data", "dataset": nested}
            pinned = store.seeded and self._chance(5)
            return {**entry, "azureml_version": "1"} if pinned else entry
        if kind in {"sqlite", "shared"}:
            con = self._address(store)
            if form == "query":
                return {"type": "pandas.SQLQueryDataset", "sql": f"SELECT * FROM {own}", **con}
            entry = {"type": "pandas.SQLTableDataset", "table_name": own, **con}
            return {**entry, **(APPENDING if form == "appending" else REPLACING)["sqlite"]}
        entry = {**TYPES[kind]}
        if kind == "duckdb":
            entry |= {"table_name": own, "connection": {"backend": "duckdb", "database": path}}
            return {**entry, **(APPENDING if form == "appending" else REPLACING)["duckdb"]}
        if kind == "deep":
            return {**entry, "options": {"places": [{"main": path}]}}
        if kind == "usual":
            return {**entry, "name": own}
        if kind == "hidden":
            return {**entry, "key": own}
        if kind == "salted":
            entry |= self._credentials(store, {"salt": f"s{store.number}"})
        entry[PATHS.get(kind, "filepath")] = path
        return {**entry, **APPENDING[kind]} if form == "appending" else entry

    def _spelled(self, store: Store) -> str:
        """Write a path in one of several ways, where that is at issue."""
        if self._mode != "anything":
            return str(store.path)
        return str(self._pick(store.path, f"./{store.path}", f"data/../{store.path}"))

    def _address(self, store: Store) -> dict[str, Any]:
        if store.kind == "sqlite":
            return self._credentials(store, {"con": f"sqlite:///{self._spelled(store)}"})
        self.project.features.add("credentials")
        self.project.variables["SHARED"] = "sqlite:///{outside}/{run}.db"
        self.project.job.setdefault("external", []).append(f"shared{store.number}_*")
        self.project.credentials.setdefault("base/credentials.yml", {})["shared"] = {
            "con": "${oc.env:SHARED}"
        }
        return {"credentials": "shared"}

    def _credentials(self, store: Store, content: dict[str, str]) -> dict[str, Any]:
        """Write credentials in one of the places where a project can have them."""
        project, name = self.project, f"c{store.number}"
        known = next((f for f, c in project.credentials.items() if name in c), None)
        if known:
            return {"credentials": name}
        places = ["inline"] if "con" in content else []
        places += ["base/credentials.yml", "base/credentials.yml"]
        if self._mode == "anything":
            places += ["literal", "local/credentials.yml", "no variable", "inline"]
            if project.env:
                places.append("prod/credentials.yml")
        place = self._pick(*places)
        self.project.features.add("credentials")
        if place == "inline":
            return {"credentials": content}
        if place not in {"literal", "local/credentials.yml"}:
            ((key, value),) = content.items()
            variable = f"{key}_{store.number}".upper()
            content = {key: f"${{oc.env:{variable}}}"}
            project.variables[variable] = value
            if place == "no variable":
                project.unset.add(variable)
        file = place if place.endswith(".yml") else "base/credentials.yml"
        project.credentials.setdefault(file, {})[name] = content
        return {"credentials": name}


def _wrapped(entry: dict[str, Any], argument: str, root: str) -> dict[str, Any]:
    named = {} if argument == "filepath" else {"filepath_arg": argument}
    return {"type": PIPELINE, "root_dir": root, **named, "dataset": entry}
