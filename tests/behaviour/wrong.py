"""The error that makes a comparison impossible, unlike a difference that it finds."""


class Wrong(Exception):
    """A build, a file, a table or a line that cannot be used; the exit status is then 2."""
