"""Behind each sentence of the page on security stands a test, which this list names."""

import re
from pathlib import Path

import named_tests

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs/explanation/security.md"

OF_AZURE = "It says what Azure ML does with the rights that somebody has there."
OF_LIMITS = "It says what nobody can promise."

HELD_BY: dict[str, tuple[str, ...] | str] = {
    "Behind each sentence of this page": ("test_each_sentence_has_a_test_or_a_reason",),
    "`kedro azureml run` uploads the snapshot:": (
        "test_the_job_is_the_bundle_with_its_references_resolved",
        "test_what_is_not_to_travel_does_not",
        "test_an_amlignore_replaces_the_gitignore_even_when_it_is_empty",
    ),
    "Local files of pipeline datasets": ("test_a_local_file_that_no_step_produces_is_uploaded",),
    "`kedro azureml compile` writes the same snapshot": (
        "test_it_is_the_job_that_the_sdk_alone_would_send",
    ),
    "Sent besides, readable to everyone": (
        "test_it_is_the_job_that_the_sdk_alone_would_send",
        "test_params_and_env_and_versions_reach_the_command",
    ),
    "`kedro azureml schedule` sends what": (
        "test_a_schedule_is_the_trigger_and_the_job_that_run_sends",
    ),
    "`assets push` uploads the version": (
        "test_what_a_local_run_has_written_becomes_the_next_version",
        "test_an_environment_is_registered_once_for_each_change_of_the_requirements",
    ),
    "Where `azureml.yml` asks for notifications,": (
        "test_a_failing_step_sends_node_root_cause_and_link",
        "test_a_dataset_that_cannot_be_loaded_is_named",
        "test_the_last_step_sends_the_warnings_of_all_and_no_success",
    ),
    "Values of secrets that the step has read": (
        "test_secrets_that_a_step_has_read_are_in_no_message",
        "test_secrets_that_a_step_has_read_are_in_no_warning_that_it_leaves",
    ),
    "- `conf/local`, and files": ("test_what_is_not_to_travel_does_not",),
    "(A link is followed,": ("test_links_are_followed_and_circles_end",),
    "- A credentials file that holds a literal value:": (
        "test_a_literal_credential_that_would_be_uploaded_is_an_error",
        "test_secrets_that_would_be_uploaded_are_errors_and_nothing_else_is",
        "test_an_error_has_a_judge_who_agrees",
    ),
    "- Values of `--env-file` and `--env-var`": (
        "test_the_value_of_a_secret_that_is_set_here_is_in_no_part_of_the_job",
        "test_two_steps_of_a_simulation_read_it_with_a_variable_of_this_machine",
    ),
    "- Usage data.": ("test_nothing_but_a_run_and_a_step_asks_a_vault_or_a_workspace",),
    "Nothing is sent to the authors": (
        "test_nothing_but_a_run_and_a_step_asks_a_vault_or_a_workspace",
        "test_a_step_opens_no_socket",
        "test_a_step_marks_itself_and_keeps_telemetry_off",
    ),
    "Kedro itself brings kedro-telemetry,": (
        "test_where_telemetry_is_on_kedros_own_plugin_alone_sends_something",
        "test_commands_that_need_no_azure_open_no_connection",
        "test_a_step_marks_itself_and_keeps_telemetry_off",
    ),
    "`check` looks for secrets in": (
        "test_a_secret_in_any_file_of_the_configuration_is_an_error",
        "test_a_secret_in_the_catalog_is_an_error_that_does_not_repeat_it",
        "test_parameters_that_look_like_secrets_are_warnings_at_their_lines",
    ),
    "It finds values under telling names": (
        "test_each_token_that_detect_secrets_knows_by_its_form_is_among_the_examples",
        "test_keys_of_secrets_are_warnings_in_globals_as_in_parameters",
    ),
    "It cannot find a password": OF_LIMITS,
    "A reference such as": ("test_the_job_names_variable_and_secret_and_holds_no_value",),
    "A step fetches it with its own identity": (
        "test_steps_read_it_with_the_key_vault_of_the_workspace",
        "test_nothing_is_sent_to_a_host_that_is_not_a_vault_of_the_cloud",
        "test_each_secret_is_asked_for_once_and_those_of_other_entries_never",
    ),
    "It is not written to disk, and not": (
        "test_a_message_that_quotes_a_value_masks_the_secret_in_it",
        "test_no_description_repeats_an_address_with_a_secret",
        "test_no_secret_is_written_to_a_file_of_a_run",
    ),
    "Tokens of your sign-in stay": ("test_no_token_is_written_to_a_file_of_the_project",),
    "They are sent to the hosts": (
        "test_the_storage_of_a_cloud_is_known_and_belongs_to_no_other_cloud",
        "test_nothing_is_sent_to_a_host_that_is_not_a_vault_of_the_cloud",
    ),
    "A datastore or a data asset in storage": (
        "test_an_asset_at_a_foreign_host_is_refused_before_any_request",
        "test_no_credential_of_a_datastore_goes_to_a_foreign_host",
        "test_a_foreign_https_file_is_read_with_nothing_added",
        "test_a_foreign_https_folder_is_read_with_its_own_sas_and_not_with_the_callers_token",
    ),
    "The command of a step starts one program": (
        "test_the_runner_travels_with_the_ranges_that_the_image_must_fit",
        "test_a_pipeline_becomes_exactly_this",
    ),
    "Names of nodes and datasets,": (
        "test_every_invocation_survives_a_real_bash",
        "test_steps_give_what_kedro_run_gives",
    ),
    "Values of promoted parameters,": ("test_hostile_values_arrive_exactly_in_each_shell",),
    "A step runs the project's code": OF_AZURE,
    "Whoever may change the project,": OF_AZURE,
    "Data that crosses steps in memory is a pickle,": (
        "test_undeclared_and_memory_data_cross_steps_as_pickles",
    ),
    "It is read from the outputs of the same job.": (
        "test_undeclared_and_memory_data_cross_steps_as_pickles",
    ),
    "Who may write to the workspace's storage": OF_AZURE,
    "Names of blobs are checked": (
        "test_property_of_a_blobs_name_it_is_below_the_folder_or_refused",
    ),
    "A download appears under its name": (
        "test_whenever_processes_are_killed_the_version_is_whole_or_not_there_and_the_next_heals_it",
    ),
}
"""How a sentence begins, and the tests behind it; or why there is none."""


def sentences() -> list[str]:
    """Return the sentences of the page, without headings and the line on reporting."""
    text = PAGE.read_text(encoding="utf-8").partition("## Reporting")[0]
    paragraphs = re.split(r"\n\n|\n(?=- )", text)
    found = []
    for paragraph in paragraphs:
        if not paragraph.startswith("#"):
            line = " ".join(paragraph.split())
            found += re.split(r"(?<=[.)]) (?=[A-Z`(])", line)
    return [sentence for sentence in found if sentence]


def test_each_sentence_has_a_test_or_a_reason():
    unheld = [line for line in sentences() if not line.startswith(tuple(HELD_BY))]
    assert unheld == []


def test_no_entry_is_about_a_sentence_that_is_gone():
    gone = [start for start in HELD_BY if not any(line.startswith(start) for line in sentences())]
    assert gone == []


def test_each_test_that_is_named_is_found_and_run():
    listed = named_tests.list_of_security_page()  # raises where a name is gone, or is there twice
    names = {name for names in HELD_BY.values() if isinstance(names, tuple) for name in names}
    assert {node.partition("::")[2] for node in listed} == names
    assert all((ROOT / node.partition("::")[0]).is_file() for node in listed)


def test_the_tests_of_the_readme_are_run_too():
    assert len(named_tests.list_of_readme()) == (ROOT / "README.md").read_text().count("[`test_")
