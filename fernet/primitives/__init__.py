"""The few operations that are slow when spelled in array operations.

Each file holds the readable reference and, behind one `if`, the choice of a faster twin with the same signature.
"""
