"""What every command shares: options, exit codes, tables, and findings as text."""
