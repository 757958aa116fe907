"""Judge whether every container reaches the data of a catalog entry; compiler and step apply it."""
