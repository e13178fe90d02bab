"""From faces and landmarks to the arrays that the networks take, in both training and prediction."""
