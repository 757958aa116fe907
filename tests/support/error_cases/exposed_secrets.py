"""The judge is whoever finds the secret in the bundle."""

from __future__ import annotations

from .written_case import Case, Cases, refused

CASES = Cases()


PASSWORD = "hunter2-and-more"
DSN = f"postgresql://me:{PASSWORD}@db.example.org/shop"


def the_secret_is_in_the_bundle(case: Case, code: str) -> None:
    refused(case, code)
    bundle = case.bundle().bundle
    holding = [p for p in bundle.rglob("*") if p.is_file() and PASSWORD in p.read_text("latin-1")]
    assert holding


@CASES.of("credential-travels")
def a_credentials_file_holds_a_literal(case):
    case.project.write("conf/base/credentials.yml", f"lake: {{key: {PASSWORD}}}")
    the_secret_is_in_the_bundle(case, "credential-travels")


@CASES.of("secret-travels")
def a_private_key_is_uploaded(case):
    case.project.write("id_rsa", f"-----BEGIN RSA PRIVATE KEY-----\n{PASSWORD}\n")
    the_secret_is_in_the_bundle(case, "secret-travels")


@CASES.of("secret-in-configuration")
def an_entry_of_the_catalog_holds_a_password(case):
    case.project.write("conf/base/globals.yml", f"dsn: {DSN}\n")
    the_secret_is_in_the_bundle(case, "secret-in-configuration")


@CASES.of("secret-value-in-job")
def a_description_holds_a_password(case):
    case.project.settings_of({"j": {"description": f"see {DSN}"}})
    the_secret_is_in_the_bundle(case, "secret-value-in-job")


@CASES.of("notification-value")
def the_address_of_a_webhook_is_written_down(case):
    address = f"https://chat.example.org/hooks/{PASSWORD}"
    chat = {"webhook_env": address, "events": ["failure"]}
    case.project.settings_of({"j": {"notifications": "chat"}}, notifications={"chat": chat})
    the_secret_is_in_the_bundle(case, "notification-value")
