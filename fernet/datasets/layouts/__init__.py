"""One file for each layout that a dataset can have on disk."""
