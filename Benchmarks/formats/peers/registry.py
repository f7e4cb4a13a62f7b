"""All peers by name, in the order of the tables."""

from peers.arrow import Feather, Parquet
from peers.hdf5 import HDF5, blosc, gzip
from peers.npz import Npz
from peers.rntuple import RNTuple
from peers.vortex import Vortex


def all_peers():
    # Small groups, chunks and clusters are how a user would lay out a file for training: each peer has such a twin.
    peers = [
        Parquet("parquet-zstd", "zstd, pyarrow's defaults", compression="zstd"),
        Parquet("parquet-zstd19", "zstd 19, best settings found", compression="zstd", compression_level=19, best=True),
        Parquet("parquet-zstd-1024", "zstd, row groups of 1,024 events", row_group=1024, compression="zstd"),
        Parquet("parquet-zstd-256", "zstd, row groups of 256 events", row_group=256, compression="zstd"),
        Feather("feather-lz4", "LZ4, batches of 65,536 events"),
        Feather("feather-lz4-1024", "LZ4, batches of 1,024 events", chunk=1024),
        Feather("feather-lz4-64", "LZ4, batches of 64 events", chunk=64),
        HDF5("hdf5-gzip", "shuffle, gzip 4; chunks of 65,536 values, 64 images", gzip(), 65536, 64, False),
        HDF5("hdf5-blosc-zstd", "blosc zstd 5; chunks of 65,536 values, 64 images", blosc("zstd"), 65536, 64, True),
        HDF5("hdf5-blosc-lz4", "blosc LZ4 5; chunks of 65,536 values, 64 images", blosc("lz4"), 65536, 64, True),
        HDF5("hdf5-blosc-lz4-small", "blosc LZ4 5; chunks of 4,096 values, 1 image", blosc("lz4"), 4096, 1, True),
        RNTuple("rntuple-zstd", "uproot, zstd 5", zstd(5)),
        RNTuple("rntuple-zstd-1024", "uproot, zstd 5, clusters of 1,024 events", zstd(5), 1024),
        RNTuple("rntuple-lzma9", "uproot, LZMA 9", lzma(9)),
        Vortex("vortex", "defaults", compact=False),
        Vortex("vortex-compact", "compact", compact=True),
        Npz("npz", "savez_compressed"),
    ]
    return {peer.name: peer for peer in peers}


def zstd(level):
    import uproot

    return uproot.ZSTD(level)


def lzma(level):
    import uproot

    return uproot.LZMA(level)
