"""The paper's networks (section 5.1), with the number of classes left open."""

from fernet.networks.notation import Notation, parse

_DTAN = "I64-C(5,64)-L5-P2-C(5,64)-L3-P2-FC500-FC500-S{classes}"
_DTGN = "D1176-FC100-FC600-S{classes}"
# MMI has fewer subjects, so the paper takes smaller networks. It prints the last layer of this DTGN as FC6.
_DTAN_MMI = "I64-C(5,32)-P3-C(3,32)-FC30-S{classes}"
_DTGN_MMI = "D1176-FC100-FC200-S{classes}"


def dtan(classes: int, small: bool = False) -> Notation:
    """The appearance network for CK+ and Oulu-CASIA, or the small one for MMI."""
    return parse((_DTAN_MMI if small else _DTAN).format(classes=classes))


def dtgn(classes: int, small: bool = False) -> Notation:
    """The geometry network for CK+ and Oulu-CASIA, or the small one for MMI; 1176 = 49 points x 2 x 12 frames."""
    return parse((_DTGN_MMI if small else _DTGN).format(classes=classes))
