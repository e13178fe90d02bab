"""Training: objectives, the one training loop, and runs that can be interrupted and resumed."""
