"""The slow, obvious reading of the contract, to check the product against.

Every question replays everything; nothing is shared with the product, nothing cached.
"""

from .oracle import Oracle
from .records import Record
from .verdicts import Verdicts

__all__ = ["Oracle", "Record", "Verdicts"]
