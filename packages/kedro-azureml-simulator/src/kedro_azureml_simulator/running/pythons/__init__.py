"""Which Python a step runs with: one that is given, one that PATH finds, or one made here."""
