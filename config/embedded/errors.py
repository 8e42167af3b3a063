"""What can go wrong with the embedded servers."""


class EmbeddedError(Exception):
    """An embedded server cannot be started or reached; the message is one clear line for the person at the console."""
