"""Files that say what a project needs: which is read, and what each of them holds."""
