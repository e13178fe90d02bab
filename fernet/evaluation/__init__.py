"""Person-independent folds and the figures of merit."""
