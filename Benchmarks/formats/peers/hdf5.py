"""HDF5 by h5py: flat datasets of all hits beside their offsets; images as one chunked dataset."""

import h5py
import hdf5plugin
import numpy as np
from h5py import h5s

from peers.base import Peer, Reader
from workloads import IMAGE_FIELDS, PIXELS

# Decoded chunks that a dataset may keep, in bytes: 64 MiB for the four columns of the images.
CACHE = 16 << 20


class HDF5(Peer):
    extension = "h5"

    def __init__(self, name, options, filters, hits_chunk, images_chunk, parallel):
        self.name, self.options, self.filters, self.parallel = name, options, filters, parallel
        self.hits_chunk, self.images_chunk = hits_chunk, images_chunk

    def write(self, workload, path):
        with h5py.File(path, "w", libver="latest") as file:
            for field in workload.info["fields"]:
                values = workload.arrays[field["name"]]
                if field["shape"]:
                    chunks = (min(self.images_chunk, len(values)), *field["shape"])
                else:
                    chunks = (min(self.hits_chunk, len(values)),)
                file.create_dataset(field["name"], data=values, chunks=chunks, **self.filters)
            if workload.has_hits:
                chunks = (min(self.hits_chunk, len(workload.offsets)),)
                file.create_dataset("offsets", data=workload.offsets, chunks=chunks, **self.filters)

    def ways(self):
        return ["slices"]

    def open(self, workload, path, way):
        return HDF5Reader(workload, path)


class HDF5Reader(Reader):
    def __init__(self, workload, path):
        super().__init__(workload, path)
        self.file = h5py.File(self.path, "r", rdcc_nbytes=CACHE, rdcc_nslots=10007)
        self.sets = {name: self.file[name] for name in self.file}
        # Offsets are the index of the file: read once, kept.
        self.offsets = self.sets["offsets"][:] if self.has_hits else None
        self.fields = workload.info["fields"]

    def slice(self, name, low, high):
        """dataset[low:high] without what h5py's indexing spends on a call."""
        data = self.sets[name]
        shape = data.shape[1:]
        space = data.id.get_space()
        zeros = (0,) * len(shape)
        space.select_hyperslab((low, *zeros), (high - low, *shape))
        found = np.empty((high - low, *shape), data.dtype)
        data.id.read(h5s.create_simple(found.shape), space, found)
        return found

    def scan(self, columns):
        names = columns or [field["name"] for field in self.fields]
        found = {name: self.sets[name][:] for name in names}
        if self.has_hits:
            found["offsets"] = self.sets["offsets"][:]
        return found

    def event(self, index):
        found = {}
        for field in self.fields:
            if field["collection"]:
                low, high = int(self.offsets[index]), int(self.offsets[index + 1])
            else:
                low, high = int(index), int(index) + 1
            found[field["name"]] = self.slice(field["name"], low, high)
        if self.has_hits:
            found["offsets"] = np.array([0, high - low])
        return found

    def arrays(self, found):
        return {name: values.reshape(-1) for name, values in found.items()}

    def hits(self, events):
        for place, event in enumerate(events):
            low, high = int(self.offsets[event]), int(self.offsets[event + 1])
            values = [self.slice(name, low, high) for name in IMAGE_FIELDS]
            yield (np.array([place]), np.array([0]), np.array([high - low]), *values)

    def images(self, events):
        for place, event in enumerate(events):
            yield (np.array([place]), self.slice("image", int(event), int(event) + 1).reshape(1, PIXELS))

    def hits_of_range(self, low, high):
        first, last = int(self.offsets[low]), int(self.offsets[high])
        values = [self.slice(name, first, last) for name in IMAGE_FIELDS]
        starts = self.offsets[low:high] - first
        ends = self.offsets[low + 1 : high + 1] - first
        return [(np.arange(high - low), starts, ends, *values)]

    def images_of_range(self, low, high):
        return [(np.arange(high - low), self.slice("image", low, high).reshape(high - low, PIXELS))]

    def close(self):
        self.file.close()


def gzip():
    return {"compression": "gzip", "compression_opts": 4, "shuffle": True}


def blosc(codec):
    return dict(hdf5plugin.Blosc(cname=codec, clevel=5, shuffle=hdf5plugin.Blosc.SHUFFLE))
