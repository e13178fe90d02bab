"""The names of the seven emotions, and how the known databases spell them."""

# The order of the paper's tables, which is that of the alphabet.
EMOTIONS = ("anger", "contempt", "disgust", "fear", "happiness", "sadness", "surprise")
_OTHER_NAMES = {
    "angry": "anger",
    "disgusted": "disgust",
    "happy": "happiness",
    "sad": "sadness",
    "surprised": "surprise",
}


def emotion(name: str) -> str | None:
    """The paper's name of an emotion that a known database may spell otherwise, such as "Happy"; None if unknown."""
    plain = name.strip().casefold()
    plain = _OTHER_NAMES.get(plain, plain)
    return plain if plain in EMOTIONS else None
