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


def order(blocks, events, seed, epoch, window_events):
    """blocks: lists of the events of the part, none empty. Gives the events in the order of the pass."""
    window_blocks = max(1, -(-len(blocks) * window_events // events))
    key = Counter(seed, epoch, 1)
    places = [permuted(i, len(blocks), key) for i in range(len(blocks))]
    result, window_number = [], 0
    for first in range(0, len(blocks), window_blocks):
        window = [event for place in places[first : first + window_blocks] for event in blocks[place]]
        shuffle = Counter(seed, epoch, 3, window_number)
        for last in range(len(window) - 1, 0, -1):
            other = shuffle.below(last, last + 1)
            window[last], window[other] = window[other], window[last]
        result += window
        window_number += 1
    return result


if __name__ == "__main__":
    blocks = [[2 * i, 2 * i + 1] for i in range(6)]
    for epoch in (0, 1):
        print(f"epoch {epoch}:", order(blocks, 12, 7, epoch, 8))
    print("validate:", [e for e in range(12) if validates("example.fingal", e, 0.3)])
