"""The names of the seven emotions and their spellings in the known databases."""

# In the order of the paper's tables, which is alphabetical.
EMOTIONS = ("anger", "contempt", "disgust", "fear", "happiness", "sadness", "surprise")
_OTHER_NAMES = {
    "angry": "anger",
    "disgusted": "disgust",
    "happy": "happiness",
    "sad": "sadness",
    "surprised": "surprise",
}


def emotion(name: str) -> str | None:
    """The paper's name for an emotion, which a database may call something else, such as "Happy"; None if unknown."""
    plain = name.strip().casefold()
    plain = _OTHER_NAMES.get(plain, plain)
    return plain if plain in EMOTIONS else None
