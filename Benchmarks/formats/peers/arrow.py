"""Parquet and Feather (Arrow IPC) by pyarrow."""

import bisect

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from peers.base import Peer, Reader
from workloads import IMAGE_FIELDS, PIXELS


def table_of(workload):
    """The workload as an Arrow table without copies: one list column for each field of the hits."""
    columns = {}
    offsets = pa.array(workload.offsets.astype(np.int32)) if workload.has_hits else None
    for field in workload.info["fields"]:
        values = workload.arrays[field["name"]]
        if field["collection"]:
            columns[field["name"]] = pa.ListArray.from_arrays(offsets, pa.array(values))
        elif field["shape"]:
            columns[field["name"]] = pa.FixedSizeListArray.from_arrays(pa.array(values.reshape(-1)), PIXELS)
        else:
            columns[field["name"]] = pa.array(values)
    return pa.table(columns)


def bounds(column):
    """Starts and ends of the lists of an array, in its `values`."""
    if pa.types.is_list_view(column.type) or pa.types.is_large_list_view(column.type):
        starts = column.offsets.to_numpy()
        return starts, starts + column.sizes.to_numpy()
    offsets = column.offsets.to_numpy()
    return offsets[:-1], offsets[1:]


def hit_parts(table, first_place=0):
    """The parts that `Reader.hits` gives, a chunk of the table each."""
    parts = []
    place = first_place
    for batch in table.to_batches():
        columns = [batch.column(name) for name in IMAGE_FIELDS]
        starts, ends = bounds(columns[0])
        values = [column.values.to_numpy(zero_copy_only=False) for column in columns]
        origin = [bounds(column)[0] for column in columns]
        if any(len(o) and o[0] != starts[0] for o in origin):
            values = [v[o[0] :] for v, o in zip(values, origin)]
            starts, ends = starts - starts[0], ends - starts[0]
        parts.append((np.arange(place, place + len(starts)), starts, ends, *values))
        place += len(starts)
    return parts


def image_parts(table, first_place=0):
    parts = []
    place = first_place
    for chunk in table.column("image").chunks:
        values = chunk.values if pa.types.is_list(chunk.type) else chunk.flatten()
        images = values.to_numpy(zero_copy_only=False).reshape(len(chunk), PIXELS)
        parts.append((np.arange(place, place + len(chunk)), images))
        place += len(chunk)
    return parts


def arrays_of(table):
    """Flat arrays of a table or record batch, for verification."""
    found = {}
    if isinstance(table, pa.RecordBatch):
        table = pa.Table.from_batches([table])
    for name in table.column_names:
        chunks = table.column(name).chunks
        if pa.types.is_primitive(table.schema.field(name).type):
            found[name] = np.concatenate([chunk.to_numpy(zero_copy_only=False) for chunk in chunks])
        elif pa.types.is_fixed_size_list(table.schema.field(name).type):
            found[name] = np.concatenate([chunk.flatten().to_numpy(zero_copy_only=False) for chunk in chunks])
        else:
            found[name] = np.concatenate([chunk.flatten().to_numpy(zero_copy_only=False) for chunk in chunks])
            if "offsets" not in found and name != "image":
                counts = np.concatenate([np.subtract(*bounds(chunk)[::-1]) for chunk in chunks])
                found["offsets"] = np.concatenate([[0], np.cumsum(counts, dtype=np.int64)])
    return found


class ArrowPeer(Peer):
    def setup(self, threads):
        self.threads = threads
        pa.set_cpu_count(threads)
        pa.set_io_thread_count(threads)

    def ways(self):
        return ["memory map", "read"]


class Parquet(ArrowPeer):
    extension = "parquet"

    def __init__(self, name, options, row_group=None, **settings):
        self.name, self.options, self.row_group, self.settings = name, options, row_group, settings
        # With the default row groups, one event means decoding the whole file.
        self.random_access = row_group is not None

    def write(self, workload, path):
        settings = dict(self.settings)
        if settings.pop("best", False):
            settings |= best_settings(workload)
        pq.write_table(table_of(workload), path, row_group_size=self.row_group, **settings)

    def open(self, workload, path, way):
        return ParquetReader(workload, path, way, self.threads)


def best_settings(workload):
    """The smallest of a dozen settings tried with pyarrow 26: dictionaries for what repeats, byte planes for energies;
    no dictionary and large pages for images."""
    if workload.has_hits:
        lists = {name: f"{name}.list.element" for name in ("layer", "x", "y", "cell", "energy", "time")}
        repeating = ["run", "label"] + [lists[name] for name in ("layer", "x", "y", "cell", "time")]
        return {"use_dictionary": repeating, "use_byte_stream_split": ["pBeam", lists["energy"]]}
    return {"use_dictionary": ["run", "label"], "data_page_size": 64 << 20}


class ParquetReader(Reader):
    def __init__(self, workload, path, way, threads):
        super().__init__(workload, path)
        self.parallel = threads > 1
        self.file = pq.ParquetFile(self.path, memory_map=way == "memory map", pre_buffer=False)
        rows = [self.file.metadata.row_group(i).num_rows for i in range(self.file.num_row_groups)]
        self.borders = np.concatenate([[0], np.cumsum(rows)])

    def scan(self, columns):
        return self.file.read(columns, use_threads=self.parallel)

    def stream(self, columns):
        return self.file.iter_batches(1024, columns=columns, use_threads=self.parallel)

    def group(self, event):
        return int(np.searchsorted(self.borders, event, side="right")) - 1

    def event(self, index):
        group = self.group(index)
        table = self.file.read_row_group(group, use_threads=self.parallel)
        return table.slice(index - self.borders[group], 1)

    def arrays(self, found):
        return arrays_of(found)

    def read(self, columns, events):
        """Every row group that holds one of the events is decoded once, and its events are taken."""
        place = 0
        while place < len(events):
            group = self.group(events[place])
            end = bisect.bisect_left(events, self.borders[group + 1], place)
            table = self.file.read_row_group(group, columns, use_threads=self.parallel)
            yield place, events[place:end] - self.borders[group], table
            place = end

    def hits(self, events):
        for place, rows, table in self.read(IMAGE_FIELDS, events):
            _, starts, ends, *values = merge(hit_parts(table))
            yield (np.arange(place, place + len(rows)), starts[rows], ends[rows], *values)

    def images(self, events):
        for place, rows, table in self.read(["image"], events):
            yield (np.arange(place, place + len(rows)), image_parts(table.combine_chunks())[0][1][rows])

    def range(self, columns, low, high):
        groups = list(range(self.group(low), self.group(high - 1) + 1))
        table = self.file.read_row_groups(groups, columns, use_threads=self.parallel)
        return table.slice(low - self.borders[groups[0]], high - low)

    def hits_of_range(self, low, high):
        return hit_parts(self.range(IMAGE_FIELDS, low, high))

    def images_of_range(self, low, high):
        return image_parts(self.range(["image"], low, high))


def merge(parts):
    """One part of one or several of consecutive events; row groups decode into one chunk, so copies are rare."""
    if len(parts) == 1:
        return parts[0]
    starts, ends, shift = [], [], 0
    for part in parts:
        starts.append(part[1] + shift)
        ends.append(part[2] + shift)
        shift += len(part[3])
    values = [np.concatenate([part[i] for part in parts]) for i in range(3, 3 + len(IMAGE_FIELDS))]
    return (np.concatenate([p[0] for p in parts]), np.concatenate(starts), np.concatenate(ends), *values)


class Feather(ArrowPeer):
    extension = "feather"

    def __init__(self, name, options, chunk=65536, compression="lz4"):
        self.name, self.options, self.chunk, self.compression = name, options, chunk, compression
        self.random_access = chunk <= 1024

    def write(self, workload, path):
        table = table_of(workload)
        settings = pa.ipc.IpcWriteOptions(compression=self.compression, use_threads=self.threads > 1)
        with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_file(sink, table.schema, options=settings) as writer:
            writer.write_table(table, max_chunksize=self.chunk)

    def open(self, workload, path, way):
        return FeatherReader(workload, path, way, self.threads, self.chunk)


class FeatherReader(Reader):
    def __init__(self, workload, path, way, threads, chunk):
        super().__init__(workload, path)
        self.way, self.parallel, self.chunk = way, threads > 1, chunk
        self.readers = {}

    def reader(self, columns):
        key = tuple(columns) if columns else None
        if key not in self.readers:
            source = pa.memory_map(self.path) if self.way == "memory map" else pa.OSFile(self.path)
            schema = pa.ipc.open_file(source).schema
            fields = sorted(schema.get_field_index(name) for name in columns) if columns else None
            settings = pa.ipc.IpcReadOptions(included_fields=fields, use_threads=self.parallel)
            self.readers[key] = pa.ipc.open_file(source, options=settings)
        return self.readers[key]

    def scan(self, columns):
        return self.reader(columns).read_all()

    def stream(self, columns):
        reader = self.reader(columns)
        return (reader.get_batch(index) for index in range(reader.num_record_batches))

    def event(self, index):
        return self.reader(None).get_batch(index // self.chunk).slice(index % self.chunk, 1)

    def arrays(self, found):
        return arrays_of(found)

    def read(self, columns, events):
        place = 0
        while place < len(events):
            block = int(events[place]) // self.chunk
            end = bisect.bisect_left(events, (block + 1) * self.chunk, place)
            batch = self.reader(columns).get_batch(block)
            yield place, events[place:end] - block * self.chunk, pa.Table.from_batches([batch])
            place = end

    def hits(self, events):
        for place, rows, table in self.read(IMAGE_FIELDS, events):
            _, starts, ends, *values = hit_parts(table)[0]
            yield (np.arange(place, place + len(rows)), starts[rows], ends[rows], *values)

    def images(self, events):
        for place, rows, table in self.read(["image"], events):
            yield (np.arange(place, place + len(rows)), image_parts(table)[0][1][rows])

    def range(self, columns, low, high):
        first, last = low // self.chunk, (high - 1) // self.chunk
        batches = [self.reader(columns).get_batch(block) for block in range(first, last + 1)]
        return pa.Table.from_batches(batches).slice(low - first * self.chunk, high - low)

    def hits_of_range(self, low, high):
        return hit_parts(self.range(IMAGE_FIELDS, low, high))

    def images_of_range(self, low, high):
        return image_parts(self.range(["image"], low, high))
