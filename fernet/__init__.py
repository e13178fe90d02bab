"""DTAGN: joint fine-tuning of appearance and geometry networks for facial expression recognition."""

__version__ = "0.1.0"
