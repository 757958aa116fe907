"""Who asks Azure, and what is said where nobody can."""

from importlib.metadata import version

from azure_loopback.sent_jobs import send


def test_a_workloads_identity_signs_in_with_the_token_that_its_host_has_given(
    compiled_farm, azure, tmp_path
):
    token = tmp_path / "token"
    token.write_text("a token of the host")
    environ = dict(azure.environ)
    del environ["AZURE_CLIENT_SECRET"]
    compiled_farm.environ = {  # those that Kubernetes gives a workload
        **environ,
        "AZURE_AUTHORITY_HOST": "https://login.microsoftonline.com/",
        "AZURE_FEDERATED_TOKEN_FILE": str(token),
    }
    done = send(compiled_farm)
    assert done.returncode == 0, done.output
    assert {grant.get("client_assertion") for grant in azure.control.sign_in.grants} == {
        "a token of the host"
    }
    assert "a token of the host" not in done.output


def test_where_nobody_can_sign_in_each_credential_that_was_tried_is_named(compiled_farm, azure):
    environ = dict(azure.environ)
    for name in ("AZURE_TENANT_ID", "AZURE_CLIENT_ID", "AZURE_CLIENT_SECRET"):
        del environ[name]
    compiled_farm.environ = environ
    done = send(compiled_farm)
    assert done.returncode == 1, done.output
    assert "AzureSignInError: Azure refused the sign-in: none of these could:" in done.output
    tried = ["EnvironmentCredential", "ManagedIdentityCredential"]
    if not version("azure-identity").startswith("1.17."):  # which stops at a managed identity
        tried += ["WorkloadIdentityCredential", "AzureCliCredential"]
    for credential in tried:
        assert f"\n  {credential}: " in done.output
    assert "az login" in done.output
    assert azure.control.requests == []


def test_a_secret_that_is_refused_is_reported_and_never_shown(compiled_farm, azure):
    azure.control.sign_in.works = False
    compiled_farm.environ = {**azure.environ, "AZURE_CLIENT_SECRET": "hunter2hunter2"}
    done = send(compiled_farm)
    assert done.returncode == 1, done.output
    assert "EnvironmentCredential" in done.output
    assert "hunter2" not in done.output
    assert "Traceback" not in done.output


def test_a_variable_that_is_empty_as_an_unset_secret_is_in_ci_is_a_message(compiled_farm, azure):
    compiled_farm.environ = {**azure.environ, "AZURE_CLIENT_ID": ""}
    done = send(compiled_farm)
    assert done.returncode == 1, done.output
    assert "AzureSignInError" in done.output
    assert "Traceback" not in done.output
