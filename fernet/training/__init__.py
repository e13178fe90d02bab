"""Training: SGD, the one loop, joint fine-tuning, runs that can be interrupted, and model files."""
