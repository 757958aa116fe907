"""The language between compiler and step: a command that survives bash and Azure ML unchanged."""
