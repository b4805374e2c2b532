"""The part of the public face that takes in: files, once or as they come, and what a broker has."""

from collections.abc import Callable, Sequence
from contextlib import closing
from typing import TYPE_CHECKING

from ledger.face.opened import Opened

if TYPE_CHECKING:
    from ledger.commands.ingest.bookmarks import OnResume
    from ledger.commands.ingest.ingest import OnBatch
    from ledger.commands.ingest.receipt import Receipt
    from ledger.commands.ingest.retry import Patience
    from ledger.commands.sources.directory import Followed
    from ledger.commands.sources.inbox import KeepReceipt
    from ledger.messages import Tell
    from ledger.storage.log import Writer


class Ingesting(Opened):
    """How events come into a ledger."""

    def ingest(
        self,
        paths: Sequence[str],
        *,
        batch_size: int | None = None,
        dry_run: bool = False,
        max_errors: int | None = None,
        patience: "Patience | None" = None,
        on_batch: "OnBatch | None" = None,
        on_resume: "OnResume | None" = None,
        on_progress: Callable[[int, int], None] | None = None,
        on_stop: Callable[["Receipt"], None] | None = None,
        on_rehearsed: Callable[["Writer"], None] | None = None,
        growing: bool = False,
    ) -> "Receipt":
        """Append the events of files (`-` is standard input) and return the receipt.

        The ingest of a file in which a run was stopped is resumed, and `on_resume` is told so. A
        dry run is judged like any run, then rolled back. `on_progress` is told the lines that are
        done and the bytes that were read, `on_batch` what each transaction came to; `on_stop` is
        given the receipt so far where the run ends early. Of files that are `growing` the complete
        lines are read, and the next run resumes. `ledger.commands.ingest.ingest` says the rest.
        """
        from ledger.commands.ingest.bookmarks import Bookmarks
        from ledger.commands.ingest.ingest import BATCH_SIZE, ingest
        from ledger.commands.ingest.retry import Patience
        from ledger.commands.sources.inputs import Source

        patience = Patience(0) if patience is None else patience
        bookmarks = patience.call(lambda: Bookmarks(self.log, on_resume))
        with closing(self._foresight()) as foresight:
            return ingest(
                self.log,
                self._codec,
                Source(paths, places=bookmarks.places, growing=growing),
                balance=foresight.available,
                membership=foresight.groups,
                batch_size=BATCH_SIZE if batch_size is None else batch_size,
                dry_run=dry_run,
                bookmarks=bookmarks,
                patience=patience,
                max_errors=max_errors,
                on_batch=on_batch,
                on_progress=on_progress,
                on_stop=on_stop,
                on_rehearsed=on_rehearsed,
            )

    def follow(
        self,
        directory: str,
        *,
        keep_receipt: "KeepReceipt",
        on_file: Callable[["Followed"], None],
        on_word: "Tell" = lambda _: None,
        until_empty: bool = False,
        poll_seconds: float | None = None,
        batch_size: int | None = None,
        max_errors: int | None = None,
        patience: "Patience | None" = None,
        on_batch: "OnBatch | None" = None,
        on_resume: "OnResume | None" = None,
        on_progress: Callable[[int, int], None] | None = None,
        on_stop: Callable[["Receipt"], None] | None = None,
    ) -> "Receipt":
        """Ingest the files of a directory as they come, and return the receipt of all of them.

        It returns once `max_errors` lines were refused, or, with `until_empty`, once no file is
        left; otherwise never. `ledger.commands.sources.directory` says the rest. Raises
        UsageError where the directory is of no use, LedgerBusy where somebody else follows it.
        """
        from ledger.commands.sources.directory import POLL_SECONDS, follow

        def take(
            path: str,
            errors_left: int | None,
            on_stop: Callable[["Receipt"], None],
            *,
            growing: bool,
            again: bool,
        ) -> "Receipt":
            with self._renewed():
                return self.ingest(
                    [path],
                    batch_size=batch_size,
                    max_errors=errors_left,
                    patience=patience,
                    on_batch=on_batch,
                    on_resume=None if again else on_resume,
                    on_progress=on_progress,
                    on_stop=on_stop,
                    growing=growing,
                )

        return follow(
            directory,
            take,
            keep_receipt=keep_receipt,
            on_file=on_file,
            on_word=on_word,
            on_stop=on_stop,
            until_empty=until_empty,
            poll_seconds=POLL_SECONDS if poll_seconds is None else poll_seconds,
            max_errors=max_errors,
        )

    def ingest_from_broker(
        self,
        url: str,
        *,
        until_empty: bool = False,
        batch_size: int | None = None,
        max_errors: int | None = None,
        patience: "Patience | None" = None,
        on_batch: "OnBatch | None" = None,
        on_word: "Tell" = lambda _: None,
        on_stop: Callable[["Receipt"], None] | None = None,
    ) -> "Receipt":
        """Take in the messages of a broker as they come, and return the receipt.

        It returns once `max_errors` lines were refused, or, with `until_empty`, once the consumer
        has nothing left; otherwise never. `on_word` is told what one has to wait for.
        `ledger.commands.sources.broker_address` says what the URL is. Raises UsageError and
        BrokerUnreachable.
        """
        from ledger.commands.ingest.ingest import BATCH_SIZE
        from ledger.commands.ingest.retry import Patience
        from ledger.commands.sources.broker import feed_in
        from ledger.commands.sources.broker_address import read_place
        from ledger.commands.sources.jetstream import JetStreamFeed

        feed = JetStreamFeed(read_place(url), on_word)
        with closing(feed), self._judging() as engine:
            return feed_in(
                engine,
                feed,
                batch_size=BATCH_SIZE if batch_size is None else batch_size,
                until_empty=until_empty,
                patience=Patience(0) if patience is None else patience,
                max_errors=max_errors,
                on_batch=on_batch,
                on_word=on_word,
                on_stop=on_stop,
            )
