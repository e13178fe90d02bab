"""Fast versions for NVIDIA GPUs. Each has its kernels in the .cu file of the same name."""
