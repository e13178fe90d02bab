"""How the clips of a set were made from recordings, as far as `Preprocessing` does not say.

It is stored in prepared sets, runs and models: prediction repeats it, or says what is different.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fernet.clips.peak import PEAKS
from fernet.faces.stored_frames import TURNS
from fernet.faces.tracking import ON_MISSING_FACE


@dataclass(frozen=True)
class Provenance:
    """Each field is None where it is unknown, as in files of earlier versions and in procedural sets.

    landmark_source   `faces.landmarks.identity` of the landmark model: its name and SHA-256
    rotation          degrees by which all frames were rotated clockwise; None also if clips were rotated differently
    on_missing_face   what was done with frames without a face: "error", "skip" or "interpolate"
    peak              in sets with T_a = 1, the frame that was chosen: that at the "end" or in the "middle" of the clip
    """

    landmark_source: dict[str, str] | None = None
    rotation: int | None = None
    on_missing_face: str | None = None
    peak: str | None = None

    def to_json(self) -> dict[str, Any]:
        return {
            "landmark_source": self.landmark_source,
            "rotation": self.rotation,
            "on_missing_face": self.on_missing_face,
            "peak": self.peak,
        }

    def differences(self, other: "Provenance") -> list[str]:
        """What is known to differ between clips of this provenance and those of the `other`, in words."""
        found = []
        ours, theirs = self.landmark_source, other.landmark_source
        if ours is not None and theirs is not None and ours.get("sha256") != theirs.get("sha256"):
            if ours.get("name") == theirs.get("name"):
                found.append(f"landmarks from {ours.get('name')}, these are from another file of that name")
            else:
                found.append(f"landmarks from {ours.get('name')}, these are from {theirs.get('name')}")
        if None not in (self.rotation, other.rotation) and self.rotation != other.rotation:
            found.append(f"frames rotated by {self.rotation} degrees, these are rotated by {other.rotation}")
        if None not in (self.on_missing_face, other.on_missing_face) and self.on_missing_face != other.on_missing_face:
            found.append(f"--on-missing-face {self.on_missing_face}, these are made with {other.on_missing_face}")
        if None not in (self.peak, other.peak) and self.peak != other.peak:
            found.append(f"the frame at the {self.peak} of each clip, these show the one at the {other.peak}")
        return found


UNKNOWN = Provenance()


def provenance_from_json(values: Any) -> Provenance:
    """The provenance in `values`; whatever is missing or damaged is unknown."""
    values = values if isinstance(values, Mapping) else {}
    source, rotation = values.get("landmark_source"), values.get("rotation")
    policy, peak = values.get("on_missing_face"), values.get("peak")
    return Provenance(
        source if isinstance(source, dict) and all(isinstance(text, str) for text in source.values()) else None,
        rotation if isinstance(rotation, int) and rotation in TURNS else None,
        policy if policy in ON_MISSING_FACE else None,
        peak if peak in PEAKS else None,
    )
