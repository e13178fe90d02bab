"""The paper's experiments: its settings and numbers as data, and cross-validation over many tasks."""
