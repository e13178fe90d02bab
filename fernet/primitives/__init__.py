"""The few operations that are slow when spelled in array operations.

A file holds the readable reference and, behind one `if` for each, the choice of faster twins with the same signature:
for NumPy in the same file or beside it, for a GPU in a file *_cuda.py, whose kernel stands in the .cu file beside it.
Loss, SGD and augmentation keep their references where they are read; their CUDA twins are here.
"""
