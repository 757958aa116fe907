"""When a run asks Azure for the version of an asset: once, and only for what it reads."""

import pytest


def test_the_latest_is_asked_for_once_per_process_and_asset(shop, three_versions):
    shop.catalog(penguins={}, **{"penguins@again": {"root_dir": "other"}})
    shop.with_catalog("""
        for _ in range(3):
            assert catalog.load("penguins") == "version 3"
            assert catalog.load("penguins@again") == "version 3"
        """)
    asked = [path for _, path in three_versions.control.requests if path.endswith("data/penguins")]
    assert len(asked) == 1


def test_what_the_run_does_not_use_is_not_asked_for(shop, three_versions):
    unused = {"unused": {}, "unused_too": {"azureml_version": "7"}}
    shop.catalog(penguins={"azureml_version": "2"}, **unused)
    shop.run()
    assert not [path for _, path in three_versions.control.requests if "unused" in path]


def test_nothing_that_only_missing_outputs_leaves_out_is_downloaded(shop, three_versions):
    shop.write("data/report.txt", "there")
    shop.run(only_missing_outputs=True)
    assert three_versions.proxy.connections == []
    (shop.folder / "data/report.txt").unlink()
    shop.run(only_missing_outputs=True)
    assert shop.read("data/report.txt") == "VERSION 3"


def test_a_node_that_fails_before_the_asset_is_read_is_the_error_that_is_shown(shop, azure):
    shop.pipeline(
        "[node(lambda: 1 / 0, None, 'a', name='fail'),"
        " node(lambda a, p: p, ['a', 'penguins'], 'report', name='read')]"
    )
    finished = shop.attempt()
    assert "ZeroDivisionError" in finished.output
    assert "has no data asset" not in finished.output


def test_kedros_other_hooks_learn_of_an_asset_that_cannot_be_loaded(shop, azure):
    shop.write(
        "src/shop/settings.py",
        """
        from kedro.framework.hooks import hook_impl

        class Watch:
            @hook_impl
            def on_pipeline_error(self, error):
                print("told:", type(error).__name__, flush=True)

        HOOKS = (Watch(),)
        """,
    )
    assert "told: " in shop.attempt().output


@pytest.mark.parametrize("runner", ["ThreadRunner", "ParallelRunner"])
def test_every_runner_reads_the_version_that_was_chosen_before_it_started(
    runner, shop, three_versions
):
    shop.pipeline(
        "[node(str.upper, 'penguins', 'report', name='read'),"
        " node(str.lower, 'penguins', 'a', name='b'), node(str.lower, 'penguins', 'c', name='d')]"
    )
    shop.run(runner)
    assert shop.read("data/report.txt") == "VERSION 3"
    asked = [path for _, path in three_versions.control.requests if path.endswith("data/penguins")]
    assert len(asked) == 1
    assert [n for n in three_versions.azurite.blob_reads() if n.endswith("penguins/3/p.txt")]
