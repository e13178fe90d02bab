"""One page that shows forward and backward passes of a trained model on a clip, computed in the browser."""
