"""The ways to compress that are read, as whoever sends a file uses them."""

import bz2
import gzip
import lzma
import sys

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd


def checked_zstd(content):
    """As the command zstd does it: with a checksum, which the library leaves out."""
    return zstd.compress(content, options={zstd.CompressionParameter.checksum_flag: 1})


def in_small_blocks(content):
    return bz2.compress(content, 1)


WAYS = {"gzip": gzip.compress, "zstd": checked_zstd, "bzip2": in_small_blocks, "xz": lzma.compress}
