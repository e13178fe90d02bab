"""The paper's experiments: its settings and numbers as data, and cross-validation as many independent tasks."""
