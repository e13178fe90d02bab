"""Backward passes to write, and the diagnosis of what is wrong with them."""
