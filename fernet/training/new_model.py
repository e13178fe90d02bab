"""The model of a run before its first step."""

import numpy as np

from fernet.clips.sequence_set import SequenceSet
from fernet.networks import paper
from fernet.networks.build import Network
from fernet.networks.dtagn import DTAGN, check_network_fits
from fernet.networks.notation import parse
from fernet.training.settings import RunSettings, networks_of
from fernet.training.starting_model import Start

STAGE_SEEDS = {"dtan": 1, "dtgn": 2, "joint": 3, "l3": 4, "concatenation": 5}  # part of the seeds


def new_model(settings: RunSettings, clips: SequenceSet, trajectory_mean: np.ndarray, start: Start | None) -> DTAGN:
    """The networks that the settings name for these clips, with random weights or those of `start`.

    UserError if a network does not fit the clips, or the model from which the run starts.
    """
    classes, small = len(clips.classes), settings.small_networks
    notations = {
        "dtan": parse(settings.dtan) if settings.dtan else paper.dtan(classes, small),
        "dtgn": parse(settings.dtgn) if settings.dtgn else paper.dtgn(classes, small),
    }
    networks = {}
    for name in networks_of(settings):
        networks[name] = Network(notations[name], settings.options, seed=settings.seed * 10 + STAGE_SEEDS[name])
        check_network_fits(name, networks[name], clips.preprocessing, classes)
        if start is not None:
            start.give_weights(name, networks[name], clips.classes)
    model = DTAGN(clips.classes, clips.preprocessing, trajectory_mean, networks.get("dtan"), networks.get("dtgn"))
    model.alpha = settings.alpha
    return model
