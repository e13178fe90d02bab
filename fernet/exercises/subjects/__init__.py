"""The exercises, one to a file: random inputs, the terms of the right answer, typical mistakes, and hints."""
