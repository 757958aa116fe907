"""What travels to Azure ML, and writing it."""
