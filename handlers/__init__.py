"""One module per command family: parse, call the use case, nothing else."""
