"""What is a secret: by the words of a key, by the form of a value, by the content of a file."""
