"""Clips as arrays: interpolation along time, landmark trajectories, augmentation, prepared sets."""
