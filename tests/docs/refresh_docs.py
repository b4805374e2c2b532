"""`make docs`: write the pages that come from the code, and play the sessions of all pages anew."""

import sys

from doc_pages import GENERATED
from doc_sessions import PAGES, played


def main() -> None:
    """Write what differs, and say what was written."""
    texts = {path: path.read_text(encoding="utf-8") for path in PAGES}
    texts |= dict.fromkeys(GENERATED, "")
    for path in texts:
        old = path.read_text(encoding="utf-8") if path.exists() else ""
        new = GENERATED[path]() if path in GENERATED else played(old)
        if new != old:
            path.write_text(new, encoding="utf-8")
            print(f"written: {path.name}")


if __name__ == "__main__":
    sys.exit(main())
