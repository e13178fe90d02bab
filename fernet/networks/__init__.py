"""Networks: a chain of layers, the paper's notation for it, and the two networks joined."""
