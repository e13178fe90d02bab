"""What the fast versions built on tile_product.cuh share when they launch it."""

TILE_ROWS, TILE_COLUMNS, TILE_INNER, THREADS = 128, 64, 16, 64  # as in tile_product.cuh
ENOUGH_BLOCKS = 512  # about four for each multiprocessor of the largest devices; any other number is also correct
SHORTEST_CHUNK = 256  # least length of the inner dimension that one block sums


def parts(length: int, longest: int) -> int:
    """Parts of at most `longest` that cover `length`."""
    return -(-length // longest)
