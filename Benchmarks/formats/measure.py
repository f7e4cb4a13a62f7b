"""Measures one peer on one workload in a process of its own and prints its figures as JSON.

    python measure.py PEER WORKLOAD-FOLDER FILE --threads N --repeats R [--no-write] [--seconds S]

Called by run.py, which pins the process to as many processors as there are threads. Every figure is a list of repeats;
each repeat runs the operation until `--seconds` have passed and gives the mean. `rate` figures are events a second.
"""

import argparse
import gc
import json
import os
import sys
import time

# Wall time, unless `--clock cpu` asks for processor time: on a busy machine that at least gives an idea.
clock = time.perf_counter


def main():
    global clock
    options = parse_arguments()
    if options.clock == "cpu":
        clock = time.process_time
    # Libraries read these when they are loaded.
    for name in ("OMP_NUM_THREADS", "BLOSC_NTHREADS", "NUMBA_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
        os.environ[name] = str(options.threads)
    from peers.registry import all_peers
    from workloads import Workload

    peer = all_peers()[options.peer]
    workload = Workload(options.workload)
    peer.setup(options.threads)
    result = {"peer": peer.name, "options": peer.options, "threads": options.threads, "lines": {}, "ways": {}}
    if options.write or not os.path.exists(options.file):
        result["lines"]["write"] = measure_write(peer, workload, options)
    result["size"] = os.path.getsize(options.file)
    Measurement(peer, workload, options, result).run()
    json.dump(result, sys.stdout)


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("peer")
    parser.add_argument("workload")
    parser.add_argument("file")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=0.3)
    parser.add_argument("--clock", choices=["wall", "cpu"], default="wall")
    parser.add_argument("--no-write", dest="write", action="store_false")
    parser.add_argument("--write-budget", type=float, default=60, help="no new repeat of writing after these seconds")
    parser.add_argument("--batch", type=int, default=256)
    parser.add_argument("--block", type=int, default=1024)
    parser.add_argument("--window", type=int, default=4096)
    return parser.parse_args()


def measure_write(peer, workload, options):
    """Seconds from arrays in memory to a file on disk, synced, because Fingal's writer syncs, too."""
    times = []
    while len(times) < options.repeats and (not times or sum(times) < options.write_budget):
        if os.path.exists(options.file):
            os.unlink(options.file)
        gc.collect()
        started = clock()
        peer.write(workload, options.file)
        with open(options.file, "rb+") as file:
            os.fsync(file.fileno())
        times.append(clock() - started)
    return times


class Measurement:
    def __init__(self, peer, workload, options, result):
        self.peer, self.workload, self.options, self.result = peer, workload, options, result
        self.generator_seed = 11

    def run(self):
        from workloads import TWO

        self.measure_scans("scan", None)
        if self.workload.has_hits:
            self.measure_scans("two", TWO)
        if self.peer.random_access:
            self.measure_rates("single", self.single_events)
            self.measure_rates("random", self.random_batches)
            self.measure_rates("block", self.block_batches, anew=True)
        self.measure_rates("epoch", self.loaded_epochs, anew=True)
        self.measure_rates("later", self.later_epochs)

    def measure_scans(self, line, columns):
        """Opening the file and decoding all of the columns into memory at once."""

        def scan(way):
            way, streamed = way
            reader = self.peer.open(self.workload, self.options.file, way)
            if not streamed:
                return reader, reader.scan(columns)
            for _ in reader.stream(columns):
                pass
            return reader, None

        probes = {}
        for way in self.peer.ways():
            reader = self.peer.open(self.workload, self.options.file, way)
            self.check(reader.arrays(reader.scan(columns)), columns, f"{line}, {way}")
            parts = reader.stream(columns)
            ways = [(way, False)]
            if parts is not None:
                self.check(joined([reader.arrays(part) for part in parts]), columns, f"{line}, {way}, streamed")
                ways.append((way, True))
            reader.close()
            del reader, parts
            for each in ways:
                probes[each] = min(self.seconds_of_scan(scan, each) for _ in range(2))
        way = min(probes, key=probes.get)
        times = []
        for _ in range(self.options.repeats):
            spent, runs = 0.0, 0
            while spent < self.options.seconds:
                spent += self.seconds_of_scan(scan, way)
                runs += 1
            times.append(spent / runs)
        self.result["lines"][line] = times
        self.result["ways"][line] = way[0] + (", streamed" if way[1] else "")

    @staticmethod
    def seconds_of_scan(scan, way):
        gc.collect()
        started = clock()
        reader, found = scan(way)
        seconds = clock() - started
        reader.close()
        return seconds

    def measure_rates(self, line, body, anew=False):
        """`body(reader, deadline, check)` gives how many events it read; repeats go on where the last one ended.

        `anew`: the body opens the file itself. Nothing else may then hold it open: HDF5 lets all handles of a file in one
        process share their decoded chunks, and would read nothing from the second epoch on."""
        probes, readers = {}, {}
        for way in self.peer.ways():
            readers[way] = Unopened() if anew else self.peer.open(self.workload, self.options.file, way)
            readers[way].way = way
            body(readers[way], clock() + 5, True)
            # Kernels are compiled, pages cached: now it counts.
            probes[way] = self.rate(body, readers[way])
            readers[way].__dict__.pop("held", None)
        way = max(probes, key=probes.get)
        # What is kept from one run to the next is there again, and warm.
        self.rate(body, readers[way])
        # A peer that takes seconds for one batch is nowhere near the best: three repeats will do.
        is_slow = probes[way] * 3 < self.options.batch and line != "single"
        repeats = min(3, self.options.repeats) if is_slow else self.options.repeats
        self.result["lines"][line] = [self.rate(body, readers[way]) for _ in range(repeats)]
        self.result["ways"][line] = way
        for reader in readers.values():
            reader.close()
        readers.clear()
        gc.collect()

    def rate(self, body, reader):
        gc.collect()
        started = clock()
        events = body(reader, started + self.options.seconds, False)
        return events / (clock() - started)

    # Operations --------------------------------------------------------------------------------------------------

    def next_places(self, count):
        """The next places of the random order, going round."""
        import numpy as np

        order = self.workload.order
        start = getattr(self, "place", 0)
        self.place = (start + count) % len(order)
        return order[np.arange(start, start + count) % len(order)]

    def single_events(self, reader, deadline, check):
        """All columns of one event after another, in random order."""
        done = 0
        while done == 0 or clock() < deadline:
            for event in self.next_places(16):
                found = reader.event(int(event))
                if check:
                    self.check(reader.arrays(found), None, "single event", int(event))
                done += 1
            if check and done >= 64:
                break
        return done

    def random_batches(self, reader, deadline, check):
        """Dense batches of events in the global random order. A peer may read a batch's events in file order."""
        import numpy as np
        from drawing import draw_hits, new_batch

        batch = self.__dict__.setdefault("batch_memory", new_batch(self.options.batch))
        done = 0
        while done == 0 or clock() < deadline:
            events = self.next_places(min(self.options.batch, self.workload.events))
            slots = np.argsort(events)
            ordered = events[slots]
            if self.workload.has_hits:
                for places, starts, ends, *values in reader.hits(ordered):
                    draw_hits(starts, ends, *values, slots[places], batch)
            else:
                for places, images in reader.images(ordered):
                    batch[slots[places]] = images
            if check:
                self.check_images(batch, events, "random batch")
            done += len(events)
            if check and done >= 4 * self.options.batch:
                break
        return done

    def loaded_epochs(self, reader, deadline, check):
        """What who has the memory would do: decode all that the images need at once, then draw in random order. From
        opening the file to the end of the first epoch."""
        done = 0
        while done == 0 or clock() < deadline:
            fresh = self.peer.open(self.workload, self.options.file, reader.way)
            done += self.draw_epoch(self.loaded(fresh), check)
            fresh.close()
            if check:
                break
        return done

    def later_epochs(self, reader, deadline, check):
        """The same from the second epoch on: drawing alone."""
        if not hasattr(reader, "held"):
            reader.held = self.loaded(reader)
        done = 0
        while done == 0 or clock() < deadline:
            done += self.draw_epoch(reader.held, check)
            if check:
                break
        return done

    def loaded(self, reader):
        """All hits as one part (starts, ends, layer, x, y, energy), or the images as (first event, array) pairs."""
        import numpy as np

        if not self.workload.has_hits:
            return [(int(places[0]), images) for places, images in reader.images_of_range(0, self.workload.events)]
        parts = list(reader.hits_of_range(0, self.workload.events))
        if len(parts) == 1:
            return parts[0][1:]
        lengths = np.cumsum([0] + [len(part[3]) for part in parts])
        starts, ends = (np.concatenate([p[i] + n for p, n in zip(parts, lengths)]) for i in (1, 2))
        return (starts, ends, *(np.concatenate([part[i] for part in parts]) for i in range(3, 7)))

    def draw_epoch(self, held, check):
        import numpy as np
        from drawing import draw_hits, new_batch

        batch = self.__dict__.setdefault("batch_memory", new_batch(self.options.batch))
        slots = np.arange(self.options.batch)
        order = self.workload.order
        done = 0
        while done + len(slots) <= len(order):
            events = order[done : done + len(slots)]
            if self.workload.has_hits:
                starts, ends, *values = held
                draw_hits(starts[events], ends[events], *values, slots, batch)
            else:
                take_images(events, held, batch)
            if check and done < 4 * len(slots):
                self.check_images(batch, events, "batch of an epoch in memory")
            done += len(slots)
        return done

    def block_batches(self, reader, deadline, check):
        """Blocks of consecutive events in random order fill a window, whose events are shuffled and drawn."""
        import numpy as np
        from drawing import bin_hits, draw_pixels, new_batch

        options, workload = self.options, self.workload
        batch = self.__dict__.setdefault("batch_memory", new_batch(options.batch))
        block = min(options.block, workload.events)
        generator = np.random.default_rng(self.generator_seed)
        self.generator_seed += 1
        blocks = generator.permutation((workload.events + block - 1) // block)
        per_window = max(1, options.window // block)
        if workload.has_hits:
            if not hasattr(self, "pixel"):
                most = int(np.max(np.add.reduceat(np.diff(workload.offsets), np.arange(0, workload.events, block))))
                self.pixel = np.zeros(most * per_window, np.int32)
                self.value = np.zeros(most * per_window, np.float32)
            ends_of = np.zeros(options.window, np.int64)
        done, place, fresh = 0, 0, None
        while done == 0 or clock() < deadline:
            # Every epoch opens the file anew: what a library keeps decoded is no reading.
            if fresh is None or place >= len(blocks):
                if fresh is not None:
                    fresh.close()
                fresh, place = self.peer.open(workload, options.file, reader.way), 0
            chosen = blocks[place : place + per_window]
            place += per_window
            numbers, held = [], []
            events = hits = 0
            for number in chosen:
                low, high = int(number) * block, min((int(number) + 1) * block, workload.events)
                numbers.append(np.arange(low, high))
                if workload.has_hits:
                    for places, *part in fresh.hits_of_range(low, high):
                        hits = bin_hits(*part, self.pixel, self.value, ends_of, events + int(places[0]), hits)
                else:
                    held += [(events + int(places[0]), images) for places, images in fresh.images_of_range(low, high)]
                events += high - low
            order = generator.permutation(events)
            numbers = np.concatenate(numbers)
            # Full batches only: the rest of a window would go to the next one.
            for start in range(0, events - options.batch + 1, options.batch):
                picked = order[start : start + options.batch]
                if workload.has_hits:
                    draw_pixels(picked, ends_of, self.pixel, self.value, batch)
                else:
                    take_images(picked, held, batch)
                if check:
                    self.check_images(batch, numbers[picked], "block-shuffled batch")
                done += options.batch
            if check:
                break
        fresh.close()
        return done

    # Verification ------------------------------------------------------------------------------------------------

    def check(self, found, columns, where, event=None):
        """Every value equals the truth, bit for bit."""
        import numpy as np

        workload = self.workload
        for field in workload.info["fields"]:
            name = field["name"]
            if columns and name not in columns:
                continue
            truth = workload.arrays[name]
            if event is not None:
                low, high = event, event + 1
                if field["collection"]:
                    low, high = workload.offsets[event], workload.offsets[event + 1]
                truth = truth[low:high]
            truth = truth.reshape(-1)
            values = np.ascontiguousarray(found[name])
            if values.dtype != truth.dtype or len(values) != len(truth) or values.tobytes() != truth.tobytes():
                sys.exit(f"{self.peer.name}: {where}: column {name} differs from the truth")
        if workload.has_hits:
            offsets = workload.offsets if event is None else workload.offsets[event : event + 2]
            if not np.array_equal(found["offsets"] - found["offsets"][0], offsets - offsets[0]):
                sys.exit(f"{self.peer.name}: {where}: the lists differ from the truth")

    def check_images(self, batch, events, where):
        import numpy as np
        from workloads import truth_images

        truth = truth_images(self.workload, events).reshape(len(events), -1)
        if not np.array_equal(batch[: len(events)], truth):
            sys.exit(f"{self.peer.name}: {where}: images differ from the truth")


class Unopened:
    """In the place of a reader, for what opens the file itself."""

    def close(self):
        pass


def joined(parts):
    """Arrays of consecutive parts as one."""
    import numpy as np

    result = {name: np.concatenate([part[name] for part in parts]) for name in parts[0] if name != "offsets"}
    if "offsets" in parts[0]:
        counts = np.concatenate([np.diff(part["offsets"]) for part in parts])
        result["offsets"] = np.concatenate([[0], np.cumsum(counts, dtype=np.int64)])
    return result


def take_images(picked, held, batch):
    """Copies images of a window, which lie in one or more arrays, in the order picked."""
    import numpy as np

    firsts = np.array([first for first, _ in held])
    owner = np.searchsorted(firsts, picked, side="right") - 1
    for part in np.unique(owner):
        mine = np.nonzero(owner == part)[0]
        batch[mine] = held[part][1][picked[mine] - firsts[part]]


if __name__ == "__main__":
    main()
