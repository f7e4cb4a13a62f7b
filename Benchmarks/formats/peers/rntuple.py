"""RNTuple through uproot: the hits as one collection of records, as ROOT would lay them out."""

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
        return RNTupleReader(workload, path, self.threads)


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
    def __init__(self, workload, path, threads):
        super().__init__(workload, path)
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
        values = [np.asarray(hits.content[name].data) for name in IMAGE_FIELDS]
        return [(np.arange(len(starts)), starts, ends, *values)]

    def images_of_range(self, low, high):
        images = ak.to_numpy(self.read(["image"], low, high)["image"]).reshape(high - low, PIXELS)
        return [(np.arange(high - low), images)]

    def hits(self, events):
        return self.one_by_one(self.hits_of_range, events)

    def images(self, events):
        return self.one_by_one(self.images_of_range, events)

    def one_by_one(self, read, events):
        parts = []
        for place, event in enumerate(events):
            for part in read(int(event), int(event) + 1):
                parts.append((np.array([place]), *part[1:]))
        return parts
