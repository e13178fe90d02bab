"""What is minimised in each stage of a run: the loss of a network, of its top layer, or of an integration."""

from types import ModuleType

from fernet.inputs.samples import Samples
from fernet.networks.dtagn import DTAGN, INTEGRATIONS
from fernet.training.objectives import (
    ConcatenationObjective,
    FrozenBranch,
    Inputs,
    JointObjective,
    NetworkObjective,
    TopObjective,
)
from fernet.training.step import Objective

_BATCH = 64  # for passes without gradients


class StageObjectives:
    """The objectives of the stages of one run; those on frozen branches share them."""

    def __init__(self, model: DTAGN, samples: Samples, library: ModuleType, top_only: bool) -> None:
        """`top_only`: of each network only the top layer is trained."""
        self.model, self.samples, self.library, self.top_only = model, samples, library, top_only
        self._branches: dict[str, FrozenBranch] = {}

    def of_network(self, name: str) -> Objective:
        """The objective of dtan or dtgn."""
        network = self.model.networks[name]
        if self.top_only:
            return TopObjective(network, self._branch(name))
        return NetworkObjective(network, self._inputs(name), self.library)

    def of_integration(self, name: str) -> Objective:
        """The objective of the top `name` of the model, on both networks, whose training must have ended."""
        top, weights = self.model.tops[name], INTEGRATIONS[name]
        branches = self._branch("dtan"), self._branch("dtgn")
        return ConcatenationObjective(top, *branches) if weights is None else JointObjective(top, *branches, weights)

    def _branch(self, name: str) -> FrozenBranch:
        """Made when it is first needed: its features are those of the weights at that time."""
        if name not in self._branches:
            self._branches[name] = FrozenBranch(
                self.model.networks[name], self._inputs(name), len(self.samples), _BATCH, self.library
            )
        return self._branches[name]

    def _inputs(self, name: str) -> Inputs:
        return {"dtan": self.samples.faces, "dtgn": self.samples.trajectories}[name]
