"""Networks: chains of layers, the paper's notation for them, the integrated networks, model files, prediction."""
