"""Hits to dense images: the kernels that every Python peer shares, compiled by numba.

They do what a careful user would write: one pass over the hits, no temporaries, into a batch that is reused.
"""

import numba
import numpy as np

from workloads import BINS, HIGH, LOW, PIXELS, SHAPE

PER_UNIT = BINS / (HIGH - LOW)
LAYERS = SHAPE[0]


@numba.njit(cache=True, inline="always")
def pixel_of(layer, x, y):
    x, y = np.float64(x), np.float64(y)
    if not (LOW <= x < HIGH and LOW <= y < HIGH and 1 <= layer <= LAYERS):
        return -1
    column = min(int((x - LOW) * PER_UNIT), BINS - 1)
    row = min(int((y - LOW) * PER_UNIT), BINS - 1)
    return ((np.int64(layer) - 1) * BINS + column) * BINS + row


@numba.njit(cache=True)
def draw_hits(starts, ends, layer, x, y, energy, slots, batch):
    """Event i, whose hits are starts[i]..<ends[i], becomes image slots[i] of the batch."""
    for i in range(len(starts)):
        image = batch[slots[i]]
        image[:] = 0
        for hit in range(starts[i], ends[i]):
            pixel = pixel_of(layer[hit], x[hit], y[hit])
            if pixel >= 0:
                image[pixel] += energy[hit]


@numba.njit(cache=True)
def bin_hits(starts, ends, layer, x, y, energy, pixel, value, window_ends, first_event, first_hit):
    """Hits of some events → lit pixels of a window, from event `first_event` and hit `first_hit` on. Returns the hits."""
    place = first_hit
    for i in range(len(starts)):
        for hit in range(starts[i], ends[i]):
            index = pixel_of(layer[hit], x[hit], y[hit])
            if index >= 0:
                pixel[place] = index
                value[place] = energy[hit]
                place += 1
        window_ends[first_event + i] = place
    return place


@numba.njit(cache=True)
def draw_pixels(events, window_ends, pixel, value, batch):
    """Images of events of a window, in the order given."""
    for slot in range(len(events)):
        event = events[slot]
        image = batch[slot]
        image[:] = 0
        start = window_ends[event - 1] if event > 0 else 0
        for hit in range(start, window_ends[event]):
            image[pixel[hit]] += value[hit]


def new_batch(size):
    """Memory for a batch, touched once."""
    return np.zeros((size, PIXELS), dtype=np.float32)
