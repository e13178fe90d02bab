"""The mistakes, by groups of layers: mutation test of `gradcheck`, cases of the diagnosis, and the bugs to be found."""

from fernet.exercises.catalogue.gates_and_losses import GATES_AND_LOSSES
from fernet.exercises.catalogue.normalisations import NORMALISATIONS
from fernet.exercises.catalogue.weights import WEIGHTS
from fernet.exercises.source import Mistake

CATALOGUE: tuple[Mistake, ...] = (*WEIGHTS, *GATES_AND_LOSSES, *NORMALISATIONS)
