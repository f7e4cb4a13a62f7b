"""Vortex by its own Python package."""

import numpy as np
import pyarrow as pa
import vortex as vx

from peers.arrow import arrays_of, hit_parts, image_parts, table_of
from peers.base import Peer, Reader
from workloads import IMAGE_FIELDS


class Vortex(Peer):
    extension = "vortex"

    def __init__(self, name, options, compact):
        self.name, self.options, self.compact = name, options, compact

    def setup(self, threads):
        # The thread that asks works, too.
        vx.set_worker_threads(threads - 1)

    def write(self, workload, path):
        choice = vx.io.VortexWriteOptions
        (choice.compact() if self.compact else choice.default()).write(table_of(workload), str(path))

    def ways(self):
        return ["map, arrow", "map, scan", "map, take", "read, arrow", "read, scan", "read, take"]

    def open(self, workload, path, way):
        return VortexReader(workload, path, way)


class VortexReader(Reader):
    def __init__(self, workload, path, way):
        super().__init__(workload, path)
        self.file = vx.open(self.path, memory_map=way.startswith("map"))
        self.streams = not way.endswith("scan")
        self.takes = way.endswith("take")
        # Scans of consecutive events are prepared once, as the documentation advises.
        self.prepared = {}

    def read(self, columns, indices=None):
        if self.streams:
            return self.file.to_arrow(columns, indices=indices).read_all()
        return self.file.scan(columns, indices=indices).read_all().to_arrow_table()

    def scan(self, columns):
        return self.read(columns)

    def stream(self, columns):
        # Blocks that stay in the processor's caches.
        return iter(self.file.to_arrow(columns, batch_size=1024)) if self.streams else None

    def taken(self, columns, events):
        return self.read(columns, vx.array(pa.array(events.astype(np.uint64))))

    def range(self, columns, low, high):
        if self.takes:
            return self.taken(columns, np.arange(low, high))
        key = tuple(columns) if columns else None
        if key not in self.prepared:
            self.prepared[key] = self.file.to_repeated_scan(columns)
        return self.prepared[key].execute(row_range=(low, high)).read_all().to_arrow_table()

    def event(self, index):
        return self.range(None, int(index), int(index) + 1)

    def arrays(self, found):
        return arrays_of(found)

    def hits(self, events):
        return hit_parts(self.taken(IMAGE_FIELDS, events))

    def images(self, events):
        return image_parts(self.taken(["image"], events))

    def hits_of_range(self, low, high):
        return hit_parts(self.range(IMAGE_FIELDS, low, high))

    def images_of_range(self, low, high):
        return image_parts(self.range(["image"], low, high))
