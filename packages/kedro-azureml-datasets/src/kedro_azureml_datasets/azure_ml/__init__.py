"""Everything that talks to Azure: workspace, sign-in, storage and downloads."""
