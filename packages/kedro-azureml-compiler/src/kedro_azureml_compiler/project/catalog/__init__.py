"""Read the catalog: what each entry is, without building a dataset."""
