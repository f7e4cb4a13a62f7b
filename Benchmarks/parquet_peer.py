"""The peer of the benchmark: CSV to Parquet (zstd) by pyarrow, streaming, with the types that Fingal found.

    python parquet_peer.py hits|rows|cells IN.csv OUT.parquet SCHEMA.json THREADS

Prints {"rows": …, "elements": …}. It keeps what a careful user would write today: the reader's own blocks, one row group
a batch of blocks, pixels as one fixed-size list column, lists as list columns.
"""

import json
import sys

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet as pq

TYPES = {
    "bool": pa.bool_(), "int8": pa.int8(), "int16": pa.int16(), "int32": pa.int32(), "int64": pa.int64(),
    "uint8": pa.uint8(), "uint16": pa.uint16(), "uint32": pa.uint32(), "uint64": pa.uint64(),
    "float32": pa.float32(), "float64": pa.float64(), "string": pa.string(),
}  # fmt: skip
# Rows of a row group in the hits layout; one-line-an-event files get one group for each block of the reader.
GROUP = 1 << 20


def main():
    layout, source, target, schema_file, threads = sys.argv[1:]
    schema = json.load(open(schema_file))
    threads = int(threads)
    pa.set_cpu_count(max(1, threads))
    header = open(source, encoding="utf-8").readline().rstrip("\r\n").split(",")
    counts = {"rows": 0, "elements": 0}
    convert = {"hits": hits, "rows": rows, "cells": cells}[layout]
    convert(source, target, schema, header, threads > 1, counts)
    print(json.dumps(counts))


def reader(source, types, parallel):
    # A wide line needs blocks of several lines: 16 MiB serves all three layouts.
    return pa.csv.open_csv(
        source,
        read_options=pa.csv.ReadOptions(use_threads=parallel, block_size=16 << 20),
        convert_options=pa.csv.ConvertOptions(column_types=types),
    )


def by_order(schema, header):
    """The columns of the CSV and the fields of the schema stand in the same order, unless a tensor took many."""
    fields = schema["fields"]
    names = {field.get("metadata", {}).get("csv.name", field["name"]): field for field in fields}
    for name in header:
        if name in names:
            yield name, TYPES[names[name]["type"]]
        else:
            # A prefix such as `rechit_` was dropped.
            ends = [field for field in fields if name.endswith("_" + field["name"])]
            yield name, TYPES[ends[0]["type"]] if ends else None


def hits(source, target, schema, header, parallel, counts):
    types = {name: kind for name, kind in by_order(schema, header) if kind is not None}
    with reader(source, types, parallel) as batches:
        with pq.ParquetWriter(target, batches.schema, compression="zstd") as writer:
            held, size = [], 0
            for batch in batches:
                held.append(batch)
                size += batch.num_rows
                counts["rows"] += batch.num_rows
                if size >= GROUP:
                    writer.write_table(pa.Table.from_batches(held))
                    held, size = [], 0
            if held:
                writer.write_table(pa.Table.from_batches(held))


def rows(source, target, schema, header, parallel, counts):
    tensor = next(field for field in schema["fields"] if field.get("shape"))
    names = {field["name"] for field in schema["fields"] if not field.get("shape")}
    pixels = [name for name in header if name not in names]
    kind = TYPES[tensor["type"]]
    types = {name: kind for name in pixels}
    types |= {field["name"]: TYPES[field["type"]] for field in schema["fields"] if not field.get("shape")}
    writer = None
    with reader(source, types, parallel) as batches:
        for batch in batches:
            counts["rows"] += batch.num_rows
            import numpy as np

            image = np.empty((batch.num_rows, len(pixels)), dtype=kind.to_pandas_dtype())
            for index, name in enumerate(pixels):
                image[:, index] = batch.column(name).to_numpy(zero_copy_only=False)
            column = pa.FixedSizeListArray.from_arrays(pa.array(image.reshape(-1)), len(pixels))
            scalars = [name for name in header if name in names]
            table = pa.table(
                [batch.column(name) for name in scalars] + [column], names=scalars + [tensor["name"]]
            )
            if writer is None:
                writer = pq.ParquetWriter(target, table.schema, compression="zstd")
            writer.write_table(table)
    if writer is not None:
        writer.close()


def cells(source, target, schema, header, parallel, counts):
    lists = {}
    scalars = {}
    for name, kind in by_order(schema, header):
        field = next((f for f in schema["fields"] if name == f["name"] or name.endswith("_" + f["name"])), None)
        if field is not None and field.get("collection"):
            lists[name] = kind
        else:
            scalars[name] = kind
    writer = None
    with reader(source, scalars | {name: pa.string() for name in lists}, parallel) as batches:
        for batch in batches:
            counts["rows"] += batch.num_rows
            columns = []
            for name in header:
                column = batch.column(name)
                if name in lists:
                    column = pc.utf8_trim(column, "[] ")
                    column = pc.replace_substring(column, " ", "")
                    texts = pc.split_pattern(column, ",")
                    column = pa.ListArray.from_arrays(texts.offsets, pc.cast(texts.values, lists[name]))
                    if name == next(iter(lists)):
                        counts["elements"] += len(column.values)
                columns.append(column)
            table = pa.table(columns, names=header)
            if writer is None:
                writer = pq.ParquetWriter(target, table.schema, compression="zstd")
            writer.write_table(table)
    if writer is not None:
        writer.close()


if __name__ == "__main__":
    main()
