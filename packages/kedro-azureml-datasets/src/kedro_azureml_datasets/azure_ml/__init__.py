"""All that speaks to Azure: workspace, sign-in, storage and downloads."""
