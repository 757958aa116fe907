"""`check --fix`: what it changes, what it leaves to the owner, and that nothing else changes."""

import stat
import textwrap

import pytest
import yaml
from kedro_azureml_compiler.checking import check_jobs
from kedro_azureml_compiler.fixing.plan_fixes import FixPlan, plan_fixes
from kedro_azureml_compiler.fixing.writing import (
    ChangedMeanwhileError,
    FileChange,
    UnwritableFileError,
    write_changes,
)
from kedro_azureml_compiler.planning.facts import DatasetKind
from kedro_azureml_compiler.project.reading import read_project
from kedro_azureml_compiler.project.request import ProjectRequest
from kedro_azureml_compiler.settings.models import Job
from without_privileges import without_privileges

pytestmark = pytest.mark.once

CATALOG = "conf/base/catalog.yml"
JSON = "type: json.JSONDataset"


def plan(project, **request) -> FixPlan:
    """Check all jobs, and plan the fixes of what is found."""
    asked = ProjectRequest(project.root, **request)
    findings = [finding for job in check_jobs(asked) for finding in job.findings]
    return plan_fixes(asked, findings)


def fixed(project, text: str) -> str:
    """Fix a catalog, and give its text; nothing is left, and a second time changes nothing."""
    project.catalog(text)
    found = plan(project)
    assert found.left == ()
    write_changes(found.changes)
    assert plan(project) == FixPlan()
    return (project.root / CATALOG).read_bytes().decode("utf-8")


def reasons(project, text: str) -> dict[str, str]:
    project.catalog(text)
    found = plan(project)
    assert found.changes == ()
    return {left.entry: left.reason for left in found.left}


@pytest.fixture
def between(small_project):
    """One step writes `kept`, and another reads it."""
    small_project.nodes(("a", None, "kept"), ("b", "kept", "z"))
    return small_project


def test_an_entry_is_indented_and_added_to_and_every_other_byte_stays(between):
    before = """
        # Ours.

        other:   {type: json.JSONDataset,   filepath: 'o.json'}   # as it was
        kept:    # the one
          # of its class
          type: json.JSONDataset
          filepath: data/x.json   # a path

          save_args:
              indent: 2
          metadata: {kedro-viz: {layer: raw}}
        # about the next

        last:
          type: text.TextDataset
          filepath: "017"
    """
    after = """
        # Ours.

        other:   {type: json.JSONDataset,   filepath: 'o.json'}   # as it was
        kept:    # the one
          type: kedro_azureml_datasets.AzureMLPipelineDataset
          root_dir: .
          dataset:
            # of its class
            type: json.JSONDataset
            filepath: data/x.json   # a path

            save_args:
                indent: 2
            metadata: {kedro-viz: {layer: raw}}
        # about the next

        last:
          type: text.TextDataset
          filepath: "017"
    """
    assert fixed(between, before) == textwrap.dedent(after)
    facts = read_project(ProjectRequest(between.root), Job()).datasets["kept"]
    assert (facts.kind, facts.local_path) == (DatasetKind.PIPELINE, "data/x.json")


def test_line_ends_byte_order_mark_missing_last_line_end_and_mode_stay(between):
    text = f"\ufeff# first\r\nkept:\r\n  {JSON}\r\n  filepath: x.json"
    path = between.root / CATALOG
    path.write_bytes(text.encode())
    path.chmod(0o640)
    found = plan(between)
    write_changes(found.changes)
    added = (
        "  type: kedro_azureml_datasets.AzureMLPipelineDataset\r\n  root_dir: .\r\n  dataset:\r\n"
    )
    expected = text.replace(f"  {JSON}\r\n  file", f"{added}    {JSON}\r\n    file")
    assert path.read_bytes().decode() == expected
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert [entry.name for entry in path.parent.iterdir() if ".yml." in entry.name] == []


def test_a_scalar_of_several_lines_keeps_its_value(between):
    text = f"""
        kept:
          {JSON}
          filepath: x.json
          save_args:
            default: |+
                one
                  two

            separators: "a
          b"
          metadata: >-
            folded
            # no comment
    """
    wrapped = yaml.safe_load(fixed(between, text))["kept"]["dataset"]
    assert wrapped == yaml.safe_load(textwrap.dedent(text))["kept"]


def test_versions_of_kedro_become_a_comment(between):
    between.catalog(f"kept:\n  {JSON}\n  versioned: true  # all of them\n  filepath: d/x.json\n")
    found = plan(between)
    assert found.unversioned == ("kept",)
    text = fixed(between, f"kept:\n  {JSON}\n  versioned: yes  # all\n  filepath: d/x.json\n")
    assert "    # versioned: yes  # all\n" in text
    assert yaml.safe_load(text)["kept"]["root_dir"] == "data/unversioned"


def test_a_validator_stays_with_the_entry_where_it_is_first_or_last(between):
    for text in (
        f"kept:\n  validator: v.V\n  {JSON}\n  filepath: x.json\n",
        f"kept:\n  {JSON}\n  filepath: x.json\n  # checked\n  validator: v.V\n",
    ):
        entry = yaml.safe_load(fixed(between, text))["kept"]
        assert entry["validator"] == "v.V"
        assert entry["dataset"] == {"type": "json.JSONDataset", "filepath": "x.json"}
    found = reasons(between, f"kept:\n  {JSON}\n  validator: v.V\n  filepath: x.json\n")
    assert found == {"kept": "'validator' stands among the arguments of the dataset"}


def test_transcoded_entries_are_wrapped_together_or_not_at_all(small_project):
    small_project.nodes(("a", None, "kept@json"), ("b", "kept@text", "z"))
    one = f"kept@json:\n  {JSON}\n  filepath: x.json\n"
    text = fixed(small_project, f"{one}kept@text:\n  type: text.TextDataset\n  filepath: x.json\n")
    assert text.count("root_dir: .") == 2
    found = reasons(small_project, one + "kept@text: {type: text.TextDataset, filepath: x.json}\n")
    assert found["kept@text"] == "it is written in flow style"
    assert found["kept@json"] == "'kept@text' is the same dataset, and is left as it is"


def test_a_factory_is_wrapped_if_each_of_its_datasets_needs_it(small_project):
    factory = f'"{{name}}_j":\n  {JSON}\n  filepath: data/{{name}}.json\n'
    small_project.nodes(("a", None, ["one_j", "two_j"]), ("b", ["one_j", "two_j"], "z"))
    assert "    filepath: data/{name}.json" in fixed(small_project, factory)


def test_a_factory_that_also_makes_an_input_is_left_to_the_owner(small_project):
    factory = f'"{{name}}_j":\n  {JSON}\n  filepath: data/{{name}}.json\n'
    small_project.nodes(("a", "raw_j", "one_j"), ("b", "one_j", "z"))
    small_project.write("data/raw.json", "{}")
    assert reasons(small_project, factory) == {
        "{name}_j": "the factory also makes datasets that need no wrapper: 'raw_j'"
    }


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (f"kept: {{{JSON}, filepath: x.json}}", "it is written in flow style"),
        ('{"kept": {"type": "json.JSONDataset", "filepath": "x.json"}}', "the file is"),
        (f"kept: &it\n  {JSON}\n  filepath: x.json", "it defines an anchor"),
        (f"kept:\n  {JSON}\n  filepath: &p x.json", "it defines an anchor"),
        (f"_base: &b\n  {JSON}\nkept:\n  <<: *b\n  filepath: x.json", "it uses a merge key (<<)"),
        (f"_it: &b\n  {JSON}\n  filepath: x.json\nkept: *b", "an alias stands for the whole"),
        (f"_it:\n  {JSON}\n  filepath: x.json\nkept: ${{_it}}", "an interpolation stands for"),
        (f"? kept\n: {JSON}\n  filepath: x.json", "its key does not stand alone on its line"),
        (f"kept: !!map\n  {JSON}\n  filepath: x.json", "it has a YAML tag"),
        (f"kept:\n  {JSON}\n  filepath: /elsewhere/x.json", "its path must become relative"),
        (f"_p: x.json\nkept:\n  {JSON}\n  filepath: ${{.._p}}", "with the change, Kedro could not"),
    ],
)  # fmt: skip
def test_what_lines_cannot_be_added_to_is_left_with_its_reason(between, text, reason):
    (found,) = reasons(between, text).values() or ["?"]
    assert found.startswith(reason)


def test_what_another_entry_refers_to_is_left_to_the_owner(between):
    text = f"kept:\n  {JSON}\n  filepath: x.json\nother:\n  {JSON}\n  filepath: "
    (reason,) = reasons(between, f"{text}a/${{kept.filepath}}\n").values()
    assert reason.startswith("with the change, Kedro could not read the catalog: Interpolation key")
    (reason,) = reasons(between, f"{text}x.json\n  metadata: ${{kept}}\n").values()
    assert reason == "with the change, Kedro would read other values of 'other'"


def test_an_entry_of_another_environment_is_left_to_the_owner(between):
    entry = f"kept:\n  {JSON}\n  filepath: x.json\n"
    for env in ("local", "prod"):
        other = f"conf/{env}/catalog_{env}.yml"
        between.write(other, entry)
        assert reasons(between, entry) == {"kept": f"{other} has the entry too"}
        (between.root / other).unlink()


def test_an_entry_of_a_hook_is_left_to_the_owner(between):
    between.settings(
        """
        from kedro.framework.hooks import hook_impl

        class Adds:
            @hook_impl
            def after_context_created(self, context):
                entry = {"type": "json.JSONDataset", "filepath": "x.json"}
                context.config_loader["catalog"] = {"kept": entry}

        HOOKS = (Adds(),)
        """
    )
    assert reasons(between, "{}") == {"kept": "no file of the catalog has it: a hook adds it"}


def test_a_file_outside_the_project_is_left_to_the_owner(between, tmp_path):
    elsewhere = tmp_path / "shared.yml"
    elsewhere.write_text(f"kept:\n  {JSON}\n  filepath: x.json\n")
    (between.root / "conf/base/catalog_shared.yml").symlink_to(elsewhere)
    assert reasons(between, "{}") == {"kept": "its file is a link to one outside the project"}


def test_a_link_inside_the_project_stays_a_link(between):
    between.write("shared/entries.yml", f"kept:\n  {JSON}\n  filepath: x.json\n")
    link = between.root / "conf/base/catalog_shared.yml"
    link.symlink_to("../../shared/entries.yml")
    write_changes(plan(between).changes)
    assert link.is_symlink()
    assert "AzureMLPipelineDataset" in link.read_text()


def test_an_archive_is_left_to_the_owner(between):
    import shutil

    between.catalog(f"kept:\n  {JSON}\n  filepath: x.json\n")
    shutil.make_archive(str(between.root / "packed"), "zip", between.root, "conf")
    found = plan(between, conf_source="packed.zip")
    assert [left.reason for left in found.left] == ["the configuration 'packed.zip' is an archive"]


def test_types_of_earlier_plugins_are_replaced_in_any_style(between):
    new = "kedro_azureml_datasets.AzureMLPipelineDataset"
    for old in (
        "kedro_azureml.datasets.AzureMLPipelineDataset",
        "kedro_azureml_pipeline.datasets.pipeline_dataset.AzureMLPipelineDataset",
    ):
        text = (
            f"kept: {{type: '{old}',  root_dir: d, dataset: {{{JSON}, filepath: x.json}}}}  # c\n"
        )
        assert fixed(between, text) == text.replace(old, new)


def test_nothing_is_written_if_a_file_has_changed_meanwhile(between):
    between.catalog(f"kept:\n  {JSON}\n  filepath: x.json\n")
    changes = plan(between).changes
    between.catalog("kept: {}\n")
    with pytest.raises(ChangedMeanwhileError, match=r"conf/base/catalog.yml has been changed"):
        write_changes(changes)
    assert (between.root / CATALOG).read_text() == "kept: {}\n"


def test_an_entry_that_somebody_else_has_wrapped_meanwhile_is_not_wrapped_twice(between):
    between.catalog(f"kept:\n  {JSON}\n  filepath: x.json\n")
    asked = ProjectRequest(between.root)
    findings = [finding for job in check_jobs(asked) for finding in job.findings]
    write_changes(plan_fixes(asked, findings).changes)
    wrapped = (between.root / CATALOG).read_text()
    with pytest.raises(ChangedMeanwhileError, match=r"conf/base/catalog.yml has been changed"):
        plan_fixes(asked, findings)
    assert (between.root / CATALOG).read_text() == wrapped


def test_a_project_that_cannot_be_written_is_planned_like_another(between):
    between.catalog(f"kept:\n  {JSON}\n  filepath: x.json\n")
    for path in (between.root / "conf").rglob("*"):
        path.chmod(0o555 if path.is_dir() else 0o444)
    with without_privileges():
        assert plan(between).fixed == ("kept",)
    for path in (between.root / "conf").rglob("*"):
        path.chmod(0o755 if path.is_dir() else 0o644)


def test_several_files_are_written_or_none(tmp_path, monkeypatch):
    first, second = tmp_path / "a/one.yml", tmp_path / "b/two.yml"
    for path in (first, second):
        path.parent.mkdir()
        path.write_text("old")
    changes = [FileChange(path.name, path, b"old", b"new") for path in (first, second)]
    second.unlink()
    with pytest.raises(ChangedMeanwhileError):
        write_changes(changes)
    second.mkdir()  # which no file can replace
    with pytest.raises(UnwritableFileError, match=r"two\.yml cannot be written"):
        write_changes(changes)
    assert first.read_text() == "old"
    assert [path.name for path in first.parent.iterdir()] == ["one.yml"]


def test_files_that_were_replaced_come_back_if_a_later_one_cannot_be(tmp_path, monkeypatch):
    first, second = tmp_path / "a/one.yml", tmp_path / "b/two.yml"
    for path in (first, second):
        path.parent.mkdir()
        path.write_text("old")
    real = type(first).replace

    def replace(self, target):
        if target == second:
            raise OSError(28, "No space left on device")
        return real(self, target)

    monkeypatch.setattr(type(first), "replace", replace)
    with pytest.raises(UnwritableFileError, match="No space left on device"):
        write_changes([FileChange(path.name, path, b"old", b"new") for path in (first, second)])
    assert (first.read_text(), second.read_text()) == ("old", "old")
    assert [path.name for path in first.parent.iterdir()] == ["one.yml"]


def test_entries_that_can_be_fixed_are_fixed_beside_those_that_cannot(small_project):
    small_project.nodes(("a", None, ["one", "two"]), ("b", ["one", "two"], "z"))
    small_project.catalog(
        f"one:\n  {JSON}\n  filepath: x.json\ntwo: {{{JSON}, filepath: y.json}}\n"
    )
    found = plan(small_project)
    assert found.fixed == ("one",)
    assert [(left.entry, left.place) for left in found.left] == [("two", f"{CATALOG}:4")]


def test_of_many_entries_only_the_one_that_cannot_change_is_left(small_project):
    names = [f"d{i}" for i in range(9)]
    small_project.nodes(("a", None, names), ("b", names, "z"))
    entries = "".join(f"{name}:\n  {JSON}\n  filepath: {name}.json\n" for name in names)
    small_project.catalog(f"{entries}other:\n  {JSON}\n  filepath: o.json\n  metadata: ${{d4}}\n")
    found = plan(small_project)
    assert [(left.entry, left.reason) for left in found.left] == [
        ("d4", "with the change, Kedro would read other values of 'other'")
    ]
    assert set(found.fixed) == {*names} - {"d4"}
