"""A second, simpler Merkle tree: RFC 9162, section 2.1, word for word, with nothing stored."""

from hashlib import sha256


def k_of(n):
    k = 1
    while k * 2 < n:
        k *= 2
    return k


def mth(leaves):
    if not leaves:
        return sha256(b"").digest()
    if len(leaves) == 1:
        return sha256(b"\x00" + leaves[0]).digest()
    k = k_of(len(leaves))
    return sha256(b"\x01" + mth(leaves[:k]) + mth(leaves[k:])).digest()


def path(m, leaves):
    if len(leaves) == 1:
        return []
    k = k_of(len(leaves))
    if m < k:
        return [*path(m, leaves[:k]), mth(leaves[k:])]
    return [*path(m - k, leaves[k:]), mth(leaves[:k])]


def proof(m, leaves):
    return [] if m == 0 else subproof(m, leaves, b=True)


def subproof(m, leaves, *, b):
    if m == len(leaves):
        return [] if b else [mth(leaves)]
    k = k_of(len(leaves))
    if m <= k:
        return [*subproof(m, leaves[:k], b=b), mth(leaves[k:])]
    return [*subproof(m - k, leaves[k:], b=False), mth(leaves[:k])]
