"""What every peer implements, so that one harness measures them all in the same way.

A *way* is one of the reasonable manners in which a library can do an operation (memory-mapped or not, table or stream).
The harness tries each of them and keeps the fastest, so that no peer suffers from a poor choice of ours.
"""

import abc


class Peer(abc.ABC):
    """One format with one set of write options."""

    name: str
    extension: str
    # Whether two threads change anything; a peer without is measured with one only.
    parallel = True
    # Whether single events can be read without decoding most of the file; otherwise those lines stay empty.
    random_access = True
    # What the report says about its options.
    options = ""

    def suits(self, kind):
        """Whether it takes part in the workload ('hits' or 'images')."""
        return True

    def setup(self, threads):
        """Sets the number of threads of the library. Called once, first."""

    @abc.abstractmethod
    def write(self, workload, path):
        """Writes all columns from the arrays in memory."""

    @abc.abstractmethod
    def ways(self):
        """Names of the ways of reading."""

    @abc.abstractmethod
    def open(self, workload, path, way):
        """A Reader of the file; opening it is part of scans, not of random access."""


class Reader(abc.ABC):
    def __init__(self, workload, path):
        self.workload = workload
        self.path = str(path)
        self.has_hits = workload.has_hits

    @abc.abstractmethod
    def scan(self, columns):
        """Decodes these columns (None: all) of all events; gives an object that holds them all."""

    def stream(self, columns):
        """The same part after part, each let go before the next, as a loop over events would; None if there is no way."""
        return None

    @abc.abstractmethod
    def event(self, index):
        """Decodes all columns of one event; gives what `arrays` understands."""

    @abc.abstractmethod
    def arrays(self, found):
        """For verification: name → flat array, and 'offsets' (from 0) if there are lists."""

    @abc.abstractmethod
    def hits(self, events):
        """Events (increasing numbers) → parts (places in `events`, starts, ends, layer, x, y, energy), see drawing.py.
        One part after another, so that only one needs to be in memory."""

    @abc.abstractmethod
    def images(self, events):
        """The images workload: events (increasing numbers) → parts (places in `events`, array of images)."""

    def hits_of_range(self, low, high):
        """Hits of consecutive events: what block-shuffled reading asks for."""
        raise NotImplementedError

    def images_of_range(self, low, high):
        raise NotImplementedError

    def close(self):
        pass
