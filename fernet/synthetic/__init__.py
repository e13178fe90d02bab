"""Procedural faces that show expressions: the data that come with fernet, so that nothing has to be downloaded."""

from fernet.synthetic.arrays import load_set
from fernet.synthetic.render import RenderedClip, render_clip
from fernet.synthetic.sets import SETS, ClipSpec, clip_specs
from fernet.synthetic.still import random_face

__all__ = ["SETS", "ClipSpec", "RenderedClip", "clip_specs", "load_set", "random_face", "render_clip"]
