"""Person-independent folds, metrics, and the file of predictions."""
