"""From a model and this machine to a plan of the run."""
