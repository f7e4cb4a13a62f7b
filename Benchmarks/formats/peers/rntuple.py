"""RNTuple through uproot: the hits as one collection of records, as ROOT would lay them out."""

import bisect
from concurrent.futures import ThreadPoolExecutor

import awkward as ak
import numpy as np
import uproot

from peers.base import Peer, Reader
from workloads import IMAGE_FIELDS, PIXELS


class RNTuple(Peer):
    extension = "root"

    def __init__(self, name, options, compression, cluster=None):
        self.name, self.options, self.compression, self.cluster = name, options, compression, cluster
        # One cluster holds the file by default, and a cluster is what uproot decodes.
        self.random_access = cluster is not None

    def setup(self, threads):
        self.threads = threads

    def write(self, workload, path):
        with uproot.recreate(path, compression=self.compression) as file:
            array = awkward_of(workload)
            tuple_ = file.mkrntuple("events", array.layout.form)
            step = self.cluster or len(array)
            for low in range(0, len(array), step):
                tuple_.extend(array[low : low + step])

    def ways(self):
        return ["arrays"]

    def open(self, workload, path, way):
        return RNTupleReader(workload, path, self.threads, self.cluster or workload.events)


def awkward_of(workload):
    layouts = {}
    hits = {}
    for field in workload.info["fields"]:
        values = workload.arrays[field["name"]]
        if field["collection"]:
            hits[field["name"]] = ak.contents.NumpyArray(values)
        elif field["shape"]:
            flat = ak.contents.NumpyArray(values.reshape(-1))
            layouts[field["name"]] = ak.contents.RegularArray(flat, PIXELS)
        else:
            layouts[field["name"]] = ak.contents.NumpyArray(values)
    if hits:
        records = ak.contents.RecordArray(list(hits.values()), list(hits))
        layouts["hits"] = ak.contents.ListOffsetArray(ak.index.Index64(workload.offsets), records)
    return ak.Array(ak.contents.RecordArray(list(layouts.values()), list(layouts)))


class RNTupleReader(Reader):
    def __init__(self, workload, path, threads, cluster):
        super().__init__(workload, path)
        self.cluster = cluster
        self.file = uproot.open(self.path)
        self.tuple = self.file["events"]
        self.pool = ThreadPoolExecutor(threads) if threads > 1 else None

    def read(self, columns, low=None, high=None):
        names = None
        if columns:
            names = [f"hits.{name}" if name not in ("image",) else name for name in columns]
        settings = {"decompression_executor": self.pool} if self.pool else {}
        return self.tuple.arrays(names, entry_start=low, entry_stop=high, **settings)

    def scan(self, columns):
        return self.read(columns)

    def event(self, index):
        return self.read(None, int(index), int(index) + 1)

    def arrays(self, found):
        result = {}
        for name in found.fields:
            if name == "hits":
                hits = found["hits"]
                counts = ak.num(hits, axis=1).to_numpy()
                result["offsets"] = np.concatenate([[0], np.cumsum(counts, dtype=np.int64)])
                for field in hits.fields:
                    result[field] = ak.flatten(hits[field]).to_numpy()
            else:
                result[name] = ak.to_numpy(found[name]).reshape(-1)
        return result

    def hits_of_range(self, low, high):
        hits = self.read(IMAGE_FIELDS, low, high)["hits"].layout
        while hits.is_option or hits.is_indexed:
            hits = hits.project()
        starts, ends = np.asarray(hits.starts), np.asarray(hits.stops)
        values = [ak.to_numpy(hits.content[name]) for name in IMAGE_FIELDS]
        return [(np.arange(len(starts)), starts, ends, *values)]

    def images_of_range(self, low, high):
        images = ak.to_numpy(self.read(["image"], low, high)["image"]).reshape(high - low, PIXELS)
        return [(np.arange(high - low), images)]

    def hits(self, events):
        for place, rows, low, high in self.clusters(events):
            for _, starts, ends, *values in self.hits_of_range(low, high):
                yield (np.arange(place, place + len(rows)), starts[rows], ends[rows], *values)

    def images(self, events):
        for place, rows, low, high in self.clusters(events):
            for _, images in self.images_of_range(low, high):
                yield (np.arange(place, place + len(rows)), images[rows])

    def clusters(self, events):
        """Every cluster that holds one of the events is decoded once, since uproot decodes no less."""
        place = 0
        while place < len(events):
            low = int(events[place]) // self.cluster * self.cluster
            high = min(low + self.cluster, self.workload.events)
            end = bisect.bisect_left(events, high, place)
            yield place, events[place:end] - low, low, high
            place = end
