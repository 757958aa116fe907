"""{{ cookiecutter.project_name.strip() }}."""

__version__ = "0.1.0"
