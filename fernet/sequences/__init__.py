"""Clips as arrays: interpolation along time, landmark trajectories, augmentation, prepared sets."""

from fernet.sequences.temporal_interpolation import interpolate

__all__ = ["interpolate"]
