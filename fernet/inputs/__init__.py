"""From faces and landmarks to the arrays that the networks take, in training and in prediction alike."""
