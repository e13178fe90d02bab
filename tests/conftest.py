import numpy as np
import pytest
from toy_set import toy_set


@pytest.fixture
def rng():
    return np.random.default_rng(20151207)


@pytest.fixture
def toy_clips():
    return toy_set()
