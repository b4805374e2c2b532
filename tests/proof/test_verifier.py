"""The verifier: it takes the public vectors and what we write, and nothing that was touched."""

from base64 import b64encode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.proof.forms import (
    checkpoint_text,
    consistency_file,
    new_key,
    proof_file,
    read_signing_key,
)
from ledger.proof.merkle import Tree, grow
from ledger.proof.verifier import (
    MOST_SIGNATURES,
    Checkpoint,
    DoesNotHold,
    open_note,
    read_checkpoint,
    read_consistency,
    read_key,
    read_proof,
    verify_checkpoint,
    verify_consistency,
    verify_proof,
)

# The example in the documentation of Go's note package, from which the form comes
PETER_SECRET = "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz"
PETER = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
SAYING = (
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n"
)
SIGNED = (
    SAYING + "\n\u2014 PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSN"
    "XgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
)
ENOCH = (
    "\u2014 EnochRoot rwz+eBzmZa0SO3NbfRGzPCpDckykFXSdeX+MNtCOXm2/5n2tiOHp+vAF1aGrQ5ovTG01oOTGwnWL"
    "ox33WWd1RvMc+QQ=\n"
)
KEY = new_key("example.com/log", bytes(range(32)))
OTHER = new_key("example.com/log", bytes(32))
LEAVES = [f"leaf {number}".encode() for number in range(11)]
ROWS = grow(0, [], LEAVES)
TREE = Tree(lambda positions: [ROWS[position - 1] for position in positions])


def sealed(size, key=KEY, origin=None):
    return key.sign(checkpoint_text(origin or key.name, size, TREE.root(size))).encode()


def test_the_public_vectors():
    """A key, a signature and a note that others published are read, made and verified here."""
    key = read_signing_key(PETER_SECRET)
    assert str(key.verifier) == PETER
    assert str(read_key(PETER)) == PETER
    assert key.secret == PETER_SECRET
    assert key.sign(SAYING) == SIGNED
    assert open_note(SIGNED.encode(), [read_key(PETER)]) == (SAYING, read_key(PETER))


def test_signatures_of_others_are_passed_over():
    """A second signature, whose key we do not know, is neither needed nor in the way."""
    both = (SIGNED + ENOCH).encode()
    assert open_note(both, [read_key(PETER)])[0] == SAYING
    with pytest.raises(DoesNotHold, match="none of the keys"):
        open_note((SAYING + "\n" + ENOCH).encode(), [read_key(PETER)])


def test_a_checkpoint_of_ours():
    """What we seal is verified, and says which log, how many leaves and which root."""
    assert verify_checkpoint(sealed(11), [KEY.verifier]) == Checkpoint(KEY.name, 11, TREE.root(11))
    assert verify_checkpoint(sealed(0), [OTHER.verifier, KEY.verifier]).size == 0
    assert read_checkpoint(sealed(5)).size == 5


def test_a_key_signs_for_its_own_log_alone():
    """A checkpoint that names another log than its key is not believed."""
    with pytest.raises(DoesNotHold, match="as the log elsewhere"):
        verify_checkpoint(sealed(3, origin="elsewhere"), [KEY.verifier])


def test_a_key_of_the_same_name_is_not_the_same():
    """The hash of a key tells two of one name apart; a signature put under it is found out."""
    with pytest.raises(DoesNotHold, match="none of the keys"):
        verify_checkpoint(sealed(3, OTHER), [KEY.verifier])
    forged = sealed(3, OTHER).decode().rpartition(" ")[0]
    signature = b64encode(KEY.verifier.id + bytes(64)).decode()
    with pytest.raises(DoesNotHold, match="is not that of its key"):
        verify_checkpoint(f"{forged} {signature}\n".encode(), [KEY.verifier])


@given(st.integers(1, 11), st.data())
def test_any_byte_of_a_proof_matters(size, data):
    """A proof holds; with one byte changed, added or gone it does not."""
    index = data.draw(st.integers(0, size - 1))
    content = proof_file(index, TREE.inclusion(index, size), sealed(size))
    proof, checkpoint = verify_proof(content, LEAVES[index], [KEY.verifier])
    assert (proof.index, checkpoint.size) == (index, size)
    at = data.draw(st.integers(0, len(content) - 1))
    put = data.draw(st.binary(max_size=2).filter(lambda drawn: drawn != content[at : at + 1]))
    changed = content[:at] + put + content[at + 1 :]
    with pytest.raises(DoesNotHold):
        verify_proof(changed, LEAVES[index], [KEY.verifier])
    with pytest.raises(DoesNotHold):
        verify_proof(content, LEAVES[index] + put + b"!", [KEY.verifier])


def test_extra_data_is_not_trusted_and_not_in_the_way():
    """The one optional line of a proof is read over."""
    head, rest = proof_file(2, TREE.inclusion(2, 5), sealed(5)).split(b"\n", 1)
    content = head + b"\nextra aGVsbG8=\n" + rest
    assert verify_proof(content, LEAVES[2], [KEY.verifier])[0].index == 2


@given(st.integers(0, 11), st.integers(0, 11))
def test_consistency_files(one, other):
    """A consistency proof goes through its file, and holds between its two checkpoints only."""
    old, new = sorted((one, other))
    content = consistency_file(TREE.consistency(old, new))
    path = read_consistency(content)
    verify_consistency(read_checkpoint(sealed(old)), read_checkpoint(sealed(new)), path)
    if old < new:
        with pytest.raises(DoesNotHold):
            verify_consistency(read_checkpoint(sealed(new)), read_checkpoint(sealed(old)), path)


def test_two_logs_are_not_one():
    """Checkpoints of two logs are never consistent, nor are two roots of one size."""
    old = read_checkpoint(sealed(3))
    with pytest.raises(DoesNotHold, match="two logs"):
        verify_consistency(old, Checkpoint("other", 3, old.root), ())
    with pytest.raises(DoesNotHold, match="two roots"):
        verify_consistency(old, Checkpoint(old.origin, 3, bytes(32)), ())
    with pytest.raises(DoesNotHold, match="none are needed"):
        verify_consistency(old, old, (bytes(32),))


BAD_NOTES = {
    "empty": b"",
    "no signatures": SAYING.encode(),
    "no end": SIGNED.encode()[:-1],
    "no text": SIGNED.encode().partition(b"\n\n")[2],
    "not UTF-8": b"\xff" + SIGNED.encode(),
    "a tab": SIGNED.replace("then", "\tthen").encode(),
    "CRLF": SIGNED.replace("\n", "\r\n").encode(),
    "a hyphen": SIGNED.replace("\u2014", "-").encode(),
    "two blanks": SIGNED.replace("Neumann x", "Neumann  x").encode(),
    "short": (SAYING + "\n\u2014 PeterNeumann x08gow==\n").encode(),
    "many": (SIGNED + ENOCH * MOST_SIGNATURES).encode(),
}


@pytest.mark.parametrize("note", BAD_NOTES.values(), ids=BAD_NOTES)
def test_what_is_no_note(note):
    """A note that is not written as one is not believed, whatever its signature."""
    with pytest.raises(DoesNotHold):
        open_note(note, [read_key(PETER)])


BAD_TEXTS = (
    "log\n3\n",
    f"log\n03\n{b64encode(bytes(32)).decode()}\n",
    f"log\n-3\n{b64encode(bytes(32)).decode()}\n",
    f"\n3\n{b64encode(bytes(32)).decode()}\n",
    f"log\n3\n{b64encode(bytes(31)).decode()}\n",
    f"log\n0\n{b64encode(bytes(32)).decode()}\n",
    "log\n3\nnot base64\n",
    f"log\n3\n{b64encode(bytes(32)).decode()}\n\nextension\n",
)


@pytest.mark.parametrize("text", BAD_TEXTS)
def test_what_is_no_checkpoint(text):
    """A signed note that is no checkpoint is not taken for one."""
    key = new_key("log", bytes(32))
    with pytest.raises(DoesNotHold):
        verify_checkpoint(key.sign(text).encode(), [key.verifier])


def test_extension_lines_are_allowed():
    """Further lines of a checkpoint are signed with it, and mean nothing here."""
    text = checkpoint_text(KEY.name, 4, TREE.root(4)) + "a line more\n"
    assert verify_checkpoint(KEY.sign(text).encode(), [KEY.verifier]).size == 4


BAD_PROOFS = (
    b"",
    b"\xff\n\n",
    b"c2sp.org/tlog-proof@v2\nindex 0\n\n",
    b"c2sp.org/tlog-proof@v1\n\n",
    b"c2sp.org/tlog-proof@v1\nindex 00\n\n",
    b"c2sp.org/tlog-proof@v1\nindex 0\nAAAA\n\n",
    b"c2sp.org/tlog-proof@v1\nextra !\nindex 0\n\n",
)


@pytest.mark.parametrize("content", BAD_PROOFS)
def test_what_is_no_proof(content):
    """A file that is not written as a proof is none."""
    with pytest.raises(DoesNotHold):
        read_proof(content)


@pytest.mark.parametrize("content", [b"AAAA\n", b"\xff\n", b"\n", b64encode(bytes(32))])
def test_what_is_no_consistency_proof(content):
    """A file of something else than hashes is no consistency proof."""
    with pytest.raises(DoesNotHold):
        read_consistency(content)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "PeterNeumann",
        PETER.replace("c74f20a3", "c74f20a4"),
        PETER.replace("ARpc", "BRpc"),
        PETER[:-4],
        PETER.replace("Peter", "Peter "),
        PETER + "\n",
    ],
)
def test_what_is_no_verifier_key(text):
    """A verifier key that was copied wrongly is told so."""
    with pytest.raises(ValueError, match=r"."):
        read_key(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        PETER,
        PETER_SECRET.replace("c74f20a3", "c74f20a4"),
        PETER_SECRET.replace("AYEK", "BYEK"),
        PETER_SECRET[:-3] + "!!!",
        PETER_SECRET[:-4],
    ],
)
def test_what_is_no_signing_key(text):
    """A signing key that was copied wrongly is told so."""
    with pytest.raises(ValueError, match=r"."):
        read_signing_key(text)


@pytest.mark.parametrize("name", ["", "a b", "a+b", "a\nb", "a\u2003b", "\x00"])
def test_what_no_log_is_called(name):
    """A name that a note could not hold is refused before anything is signed."""
    with pytest.raises(ValueError, match="name"):
        new_key(name, bytes(32))


def test_limits_of_a_note_to_the_last_signature_and_byte():
    """As many signatures as there may be, and no more; four bytes name a key, a fifth signs."""
    line = ENOCH
    many = SIGNED + line * (MOST_SIGNATURES - 1)
    assert open_note(many.encode(), [read_key(PETER)])[0] == SAYING
    with pytest.raises(DoesNotHold, match="more than 100 signatures"):
        open_note((many + line).encode(), [read_key(PETER)])
    for size, message in ((4, "malformed"), (5, "none of the keys given")):
        short = f"{SAYING}\n\u2014 X {b64encode(bytes(size)).decode()}\n"
        with pytest.raises(DoesNotHold, match=message):
            open_note(short.encode(), [read_key(PETER)])


def test_a_hash_is_written_in_one_way():
    """Bits that base64 does not use are zero: no two texts are one hash."""
    from ledger.proof.verifier import read_hash

    text = b64encode(bytes(32)).decode()
    assert read_hash(text) == bytes(32)
    for other in (f"{text[:-2]}B=", text.rstrip("="), f"{text}=", f" {text}", f"{text[:-1]}"):
        with pytest.raises(DoesNotHold):
            read_hash(other)
    for size in (31, 33):
        with pytest.raises(DoesNotHold, match="32 bytes"):
            read_hash(b64encode(bytes(size)).decode())
