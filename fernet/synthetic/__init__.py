"""Procedural faces that show expressions: the data that comes with fernet, so that nothing need be downloaded."""

from fernet.synthetic.prepared import load_set
from fernet.synthetic.render import RenderedClip, render_clip
from fernet.synthetic.sets import SETS, ClipSpec, clip_specs
from fernet.synthetic.still import random_face

__all__ = ["SETS", "ClipSpec", "RenderedClip", "clip_specs", "load_set", "random_face", "render_clip"]
