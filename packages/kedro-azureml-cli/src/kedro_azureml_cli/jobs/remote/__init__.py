"""What a submitted job has read and run, brought to this machine."""
