"""The files that travel to Azure ML, and the bundle that holds them."""
