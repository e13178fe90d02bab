"""How the clips of a dataset are found and read: the options of `train`, `crossval`, `prepare` and `evaluate`."""

from dataclasses import dataclass, field
from typing import Any

from fernet.errors import UserError
from fernet.faces.stored_frames import TURNS
from fernet.faces.tracking import ON_MISSING_FACE


@dataclass(frozen=True)
class Reading:
    """The choices that `Preprocessing` does not make. Stored in runs, which repeat them.

    layout           a name in LAYOUTS; None is recognised from the names in the folder
    rotation         degrees by which to rotate all frames clockwise; None is 0, and for MMI what each recording needs
    options          options of the layout by name, such as {"view": "profile"}; defaults are left out
    follow_links     whether links to folders and clips are followed
    landmarks        "lbf" finds them with the landmark model, "dataset" takes those of the dataset
    on_missing_face  what to do with frames without a face: "error", "skip" or "interpolate"
    """

    layout: str | None = None
    rotation: int | None = None
    options: dict[str, Any] = field(default_factory=dict)  # checked by `find_clips`, which knows the layouts
    follow_links: bool = False
    landmarks: str = "lbf"
    on_missing_face: str = "interpolate"

    def __post_init__(self) -> None:
        if self.rotation is not None and self.rotation not in TURNS:
            raise UserError(f"the rotation is {self.rotation!r}: expected one of {', '.join(map(str, TURNS))}")
        if self.landmarks not in ("lbf", "dataset"):
            raise UserError(f"landmarks is {self.landmarks!r}: expected lbf or dataset")
        if self.on_missing_face not in ON_MISSING_FACE:
            raise UserError(
                f"on_missing_face is {self.on_missing_face!r}: expected one of {', '.join(ON_MISSING_FACE)}"
            )
        if not isinstance(self.options, dict):
            raise UserError(f"the options of the layout are {self.options!r}: expected names and values")

    @property
    def finding(self) -> dict[str, Any]:
        """The keyword arguments of `find_clips`."""
        links = {"follow_links": True} if self.follow_links else {}
        return {"layout": self.layout, "rotation": self.rotation, **links, **self.options}


DEFAULT = Reading()
