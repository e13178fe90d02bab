"""Options that the notation of a network does not express."""

from dataclasses import dataclass

from fernet.errors import UserError

NORMALISATIONS = ("contrast", "response", "across", "none")
PADDINGS = ("valid", "same")


@dataclass(frozen=True)
class NetworkOptions:
    """What the notation does not express.

    frames               T_a, frames of a clip that an I network takes; 1 is the single-frame network of Fig. 3
    normalisation        meaning of L: contrast (the paper's term), response, across (maps), none
    normalisation_scale  constant in the formula of L. cuda-convnet's 5e-5 was chosen for pixels that vary by about 50;
                         here inputs vary by 1, so the same strength is 5e-5 x 50^2 = 0.125
    padding              valid (Eq. 1) or same
    ceil_pooling         keep pooling windows that extend beyond the border, as cuda-convnet does
    dropout              rate after every FC layer
    """

    frames: int = 3
    normalisation: str = "contrast"
    normalisation_scale: float = 0.125
    padding: str = "valid"
    ceil_pooling: bool = False
    dropout: float = 0.5

    def __post_init__(self) -> None:
        if self.normalisation not in NORMALISATIONS:
            raise UserError(f"normalisation is {self.normalisation!r}: expected one of {', '.join(NORMALISATIONS)}")
        if self.padding not in PADDINGS:
            raise UserError(f"padding is {self.padding!r}: expected one of {', '.join(PADDINGS)}")
        if not 0 <= self.normalisation_scale <= 1e6:
            raise UserError(f"normalisation_scale is {self.normalisation_scale!r}: expected 0 to 1e6")
        if not 0 <= self.dropout < 1:
            raise UserError(f"the dropout rate is {self.dropout!r}: expected a number from 0 up to but not including 1")
