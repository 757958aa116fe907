"""Read what an earlier job was made from and has left, and compile what has to run again."""
