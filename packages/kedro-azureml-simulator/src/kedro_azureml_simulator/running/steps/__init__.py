"""One step, from its places and its process to what it leaves."""
