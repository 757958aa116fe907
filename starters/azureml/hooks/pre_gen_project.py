"""Refuse a project name whose package could not be imported, or would hide another one.

The rule in ``prompts.yml`` sees only the characters of the name, and only if Kedro asks for it:
``kedro new --name`` passes it by. Here every way of naming a project comes along.
"""

import keyword
import sys

PROJECT_NAME = "{{ cookiecutter.project_name }}"
PYTHON_PACKAGE = "{{ cookiecutter.python_package }}"

# What the project imports, and its other folders in which Python may look for a package.
TAKEN = {
    "conf",
    "data",
    "kedro",
    "kedro_azureml_datasets",
    "kedro_datasets",
    "numpy",
    "pandas",
    "plotly",
    "sklearn",
    "tests",
}


def find_fault(python_package: str) -> "str | None":
    """Say what is wrong with the package's name, or nothing."""
    if not (python_package.isascii() and python_package.isidentifier()):
        return f"'{python_package}' cannot be the name of a Python package"
    if keyword.iskeyword(python_package) or python_package in sys.stdlib_module_names:
        return f"'{python_package}' is a word or a module of Python itself"
    if python_package in TAKEN:
        return f"'{python_package}' is the name of something that the project needs"
    return None


if __name__ == "__main__":
    fault = find_fault(PYTHON_PACKAGE)
    if fault:
        sys.exit(f"'{PROJECT_NAME}' is an invalid project name: {fault}. Choose another one.")
