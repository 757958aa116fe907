"""`init`, `compile`, `check` and `plan`: from a project to a bundle."""
