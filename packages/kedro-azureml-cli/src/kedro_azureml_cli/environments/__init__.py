"""What a step image needs: reading, exporting, comparing and registering it."""
