"""Jobs of Azure ML: their document, their state, their logs and what they registered."""
