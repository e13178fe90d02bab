"""A clip as arrays of a fixed length: the path from pixels to faces and landmarks, for one clip and for many."""
