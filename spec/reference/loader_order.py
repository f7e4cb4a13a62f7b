#!/usr/bin/env python3
"""The order of a shuffled pass, as spec/LOADER.md describes it, written from that page alone.

    loader_order.py                      the worked example
"""

M = (1 << 64) - 1
GOLDEN = 0x9E3779B97F4A7C15


def mix(z):
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9 & M
    z = (z ^ (z >> 27)) * 0x94D049BB133111EB & M
    return z ^ (z >> 31)


class Counter:
    def __init__(self, *words):
        self.key = 0
        for word in words:
            self.key = mix(self.key ^ word) + GOLDEN & M

    def number(self, counter):
        return mix(self.key + (counter + 1) * GOLDEN & M)

    def below(self, counter, bound):
        return self.number(counter) * bound >> 64


def permuted(index, count, counter):
    half = (max(1, (count - 1).bit_length()) + 1) // 2
    mask = (1 << half) - 1
    value = index
    while True:
        left, right = value >> half, value & mask
        for number in range(6):
            left, right = right, left ^ (counter.number(right << 3 | number) & mask)
        value = left << half | right
        if value < count:
            return value


def validates(file_name, event, share):
    name = 0
    for byte in file_name.encode():
        name = mix(name * 257 + byte + 1 & M)
    return Counter(0x53504C4954, name).number(event) < int(share * 2**64)


def shuffle(events, counter):
    for last in range(len(events) - 1, 0, -1):
        other = counter.below(last, last + 1)
        events[last], events[other] = events[other], events[last]


def fits(memory, elements_per_event):
    return max(1, memory // (2 * (8 * elements_per_event + 16)))


def order(blocks, events, seed, epoch, window_events, fitting=1 << 62):
    """blocks: lists of the events of the part, none empty. Gives the events in the order of the pass."""
    if fitting < window_events:
        window_blocks = max(1, len(blocks) * fitting // events)
    else:
        window_blocks = max(1, -(-len(blocks) * window_events // events))
    key = Counter(seed, epoch, 1)
    places = [permuted(i, len(blocks), key) for i in range(len(blocks))]
    result, window_number = [], 0
    for first in range(0, len(blocks), window_blocks):
        window = [event for place in places[first : first + window_blocks] for event in blocks[place]]
        shuffle(window, Counter(seed, epoch, 3, window_number))
        result += window
        window_number += 1
    return result


def global_order(events, seed, epoch):
    """events: those of the part, file after file. Gives them in the order of the pass."""
    result = list(events)
    shuffle(result, Counter(seed, epoch, 4))
    return result


if __name__ == "__main__":
    blocks = [[2 * i, 2 * i + 1] for i in range(6)]
    for epoch in (0, 1):
        print(f"epoch {epoch}:", order(blocks, 12, 7, epoch, 8))
    for epoch in (0, 1):
        print(f"narrow epoch {epoch}:", order(blocks, 12, 7, epoch, 8, fits(1120, 12)))
    for epoch in (0, 1):
        print(f"global epoch {epoch}:", global_order(range(12), 7, epoch))
    print("validate:", [e for e in range(12) if validates("example.fingal", e, 0.3)])
