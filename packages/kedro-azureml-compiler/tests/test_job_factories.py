"""Which jobs the factories in `azureml.yml` give for the namespaces of a pipeline."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kedro_azureml_compiler.settings.job_factories import (
    FactoryJobs,
    find_factory_entry,
    is_factory,
    make_factory_jobs,
)
from kedro_azureml_compiler.settings.models import Job
from kedro_azureml_compiler.settings.parsing import ConfigError
from stress import examples


def made(jobs: dict, namespaces: list[str]) -> FactoryJobs:
    models = {name: Job.model_validate(job) for name, job in jobs.items()}
    return make_factory_jobs(models, lambda job: namespaces)


def factory(*templates: str, **more: object) -> dict:
    return {"pipeline": {"node_namespaces": list(templates)}, **more}


@pytest.mark.parametrize(
    ("name", "templates", "namespaces", "jobs"),
    [
        ("{r}-train", ["{r}"], ["eu", "us"], {"eu-train": ("eu",), "us-train": ("us",)}),
        # Deeper namespaces count at the depth of the template, and once.
        ("{r}-train", ["{r}"], ["eu.north", "eu.south", "eu"], {"eu-train": ("eu",)}),
        # Shallower ones do not fit.
        ("{r}-{m}", ["{r}.{m}"], ["eu", "us.tree"], {"us-tree": ("us.tree",)}),
        # A literal part has to be there.
        ("{r}-train", ["shop.{r}"], ["shop.eu", "farm.us"], {"eu-train": ("shop.eu",)}),
        # Further entries are further filters, and make no jobs.
        ("{r}-train", ["{r}", "base"], ["eu"], {"eu-train": ("eu", "base")}),
        ("{r}-train", ["{r}", "base.{r}"], ["eu"], {"eu-train": ("eu", "base.eu")}),
        # A value may hold what separates it from the rest of the name.
        ("{r}-train", ["{r}"], ["north-america"], {"north-america-train": ("north-america",)}),
        # A part may have text beside its token.
        ("{r}-train", ["region_{r}"], ["region_eu", "us"], {"eu-train": ("region_eu",)}),
        # The same token twice is the same value twice.
        ("{r}-train", ["{r}.{r}"], ["eu.eu", "eu.us"], {"eu-train": ("eu.eu",)}),
        ("train-{r}", ["{r}"], ["eu"], {"train-eu": ("eu",)}),
        ("{r}", ["{r}"], ["eu"], {"eu": ("eu",)}),
        ("{r}-train", ["{r}"], [], {}),
    ],
)
def test_each_namespace_that_fits_the_template_gives_a_job(name, templates, namespaces, jobs):
    found = made({name: factory(*templates)}, namespaces)
    assert {n: job.pipeline.node_namespaces for n, job in found.jobs.items()} == jobs
    assert found.mistakes == ()


def test_tokens_have_their_values_in_every_text_of_the_job():
    job = factory(
        "{region}",
        workspace="{region}",
        compute="{region}",
        experiment_name="exp-{region}",
        display_name="Train {region}, not {other} and not ${{name}}",
        description="{region}{region}",
        schedule=["{region}", {"cron": {"expression": "0 3 * * *", "time_zone": "{region}"}}],
        params={"name": "{region}", "{region}": {"deep": ["{region}", 1, None]}, "n": 2},
        inputs={"rate": "params:{region}.rate"},
        grouping={"{region}": ["namespace:{region}"]},
        steps={"{region}.*": {"compute": "{region}", "output": {"path": "${{name}}/{region}"}}},
    )
    rendered = made({"{region}-train": job}, ["eu"]).jobs["eu-train"]
    assert rendered == Job.model_validate(
        {
            "pipeline": {"node_namespaces": ["eu"]},
            "workspace": "eu",
            "compute": "eu",
            "experiment_name": "exp-eu",
            "display_name": "Train eu, not {other} and not ${{name}}",
            "description": "eueu",
            "schedule": ["eu", {"cron": {"expression": "0 3 * * *", "time_zone": "eu"}}],
            "params": {"name": "eu", "eu": {"deep": ["eu", 1, None]}, "n": 2},
            "inputs": {"rate": "params:eu.rate"},
            "grouping": {"eu": ["namespace:eu"]},
            "steps": {"eu.*": {"compute": "eu", "output": {"path": "${{name}}/eu"}}},
        }
    )


def test_the_most_specific_factory_makes_the_job_that_several_give():
    jobs = {
        "{region}-{model}-train": factory("{region}.{model}", display_name="all"),
        "eu-{model}-train": factory("eu.{model}", display_name="europe"),
    }
    found = made(jobs, ["eu.tree", "us.tree"]).jobs
    names = {name: job.display_name for name, job in found.items()}
    assert names == {"eu-tree-train": "europe", "us-tree-train": "all"}


def test_a_specific_factory_may_share_the_template_of_the_general_one():
    jobs = {
        "{region}-{model}-train": factory("{region}.{model}", display_name="all"),
        "eu-{model}-train": factory("{region}.{model}", display_name="europe"),
    }
    found = made(jobs, ["eu.tree", "us.tree"])
    names = {name: job.display_name for name, job in found.jobs.items()}
    assert names == {"eu-tree-train": "europe", "us-tree-train": "all"}
    assert found.mistakes == ()


def test_a_specific_factory_may_lack_its_own_template():
    jobs = {
        "{region}-{model}-train": factory("{region}.{model}", display_name="all"),
        "eu-{model}-train": {"display_name": "europe"},
    }
    found = made(jobs, ["eu.tree", "us.tree"])
    names = {name: job.display_name for name, job in found.jobs.items()}
    assert names == {"eu-tree-train": "europe", "us-tree-train": "all"}
    assert found.mistakes == ()


def test_kinds_of_jobs_do_not_mix():
    jobs = {
        "{region}-train": factory("{region}", display_name="train"),
        "{region}-big-train": factory("{region}", display_name="big"),
        "{region}-score": factory("{region}", display_name="score"),
    }
    found = made(jobs, ["eu"]).jobs
    names = {name: job.display_name for name, job in found.items()}
    assert names == {"eu-train": "train", "eu-big-train": "big", "eu-score": "score"}


def test_a_job_with_the_name_itself_wins():
    jobs = {"{region}-train": factory("{region}"), "eu-train": {"display_name": "mine"}}
    assert sorted(made(jobs, ["eu", "us"]).jobs) == ["us-train"]


@pytest.mark.parametrize(
    ("jobs", "told"),
    [
        (
            {"{region}-{model}": factory("{region}")},
            (
                "jobs.{region}-{model}: {model} has no value: the first entry of its "
                "'node_namespaces' is '{region}'"
            ),
        ),
        (
            {"{region}-train": {}},
            (
                "jobs.{region}-train: no template defines its tokens; write it as the first "
                "entry of 'pipeline.node_namespaces', for example [\"{region}\"]"
            ),
        ),
        (
            {"{region}-train": factory("{region}{model}")},
            "jobs.{region}-train: '{region}{model}' has two tokens in one part",
        ),
        ({"{}-train": factory("{region}")}, "jobs.{}-train: expected a token as a name"),
        ({"{a b}-train": factory("{region}")}, "jobs.{a b}-train: expected a token as a name"),
        (
            {"{model}-train": factory("{region}.{model}")},
            (
                "jobs.tree-train: several jobs would have this name: '{model}-train' with "
                "model=tree, region=eu; '{model}-train' with model=tree, region=us. Add "
                "tokens to the names"
            ),
        ),
        (
            {
                "{a}-train": factory("{a}", display_name="a"),
                "{b}-train": factory("{b}", display_name="b"),
            },
            (
                "jobs.eu-train: several jobs would have this name: '{a}-train' with a=eu; "
                "'{b}-train' with b=eu."
            ),
        ),
    ],
)
def test_a_factory_that_can_give_no_jobs_says_why(jobs: dict, told: str):
    found = made(jobs, ["eu.tree", "us.tree"])
    assert [told in mistake for mistake in found.mistakes].count(True) == 1
    assert not {"eu-train", "tree-train"} & set(found.jobs)


def test_keys_that_become_one_are_refused():
    job = factory("{region}", params={"{region}": 1, "eu": 2})
    with pytest.raises(ConfigError, match=r"jobs\.eu-train\.params: two keys become 'eu'"):
        made({"{region}-train": job}, ["eu"])


def test_the_workspace_of_a_job_comes_from_the_factory_that_makes_it():
    jobs = {
        "{r}-train": Job.model_validate(factory("{r}", workspace="{r}-lab")),
        "eu-{what}": Job.model_validate(factory("eu.{what}", workspace="lab")),
        "{r}-rest": Job.model_validate(factory("{r}")),
    }
    assert find_factory_entry(jobs, "us-train", "workspace") == "us-lab"
    # Of two that fit, the one counts in which more of the name is literal.
    assert find_factory_entry(jobs, "eu-train", "workspace") == "eu-lab"
    assert find_factory_entry(jobs, "us-rest", "workspace") == "__default__"
    assert find_factory_entry(jobs, "rest", "workspace") is None


PARTS = st.text("ab-_", min_size=1, max_size=3)
NAMESPACES = st.lists(st.lists(PARTS, min_size=1, max_size=3).map(".".join), max_size=6)


@given(NAMESPACES, st.integers(1, 3))
@examples(100)
def test_every_job_selects_a_namespace_that_is_there(namespaces: list[str], depth: int):
    tokens = [f"{{t{i}}}" for i in range(depth)]
    found = made({f"{'+'.join(tokens)}-train": factory(".".join(tokens))}, namespaces)
    selected = {job.pipeline.node_namespaces[0] for job in found.jobs.values()}
    deep = [namespace.split(".") for namespace in namespaces]
    assert selected == {".".join(parts[:depth]) for parts in deep if len(parts) >= depth}
    assert not any(is_factory(name) for name in found.jobs)
