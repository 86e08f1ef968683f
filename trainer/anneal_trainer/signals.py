"""SIGTERM and SIGINT: end at once while nothing is worth saving, else after the step, with a checkpoint."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from anneal_trainer.problems import Interrupted


class StopRequest:
    """What was asked of this process so far. Both signals are noted; only inside ``at_once`` do they interrupt."""

    def __init__(self, stop_file: Path) -> None:
        self.signal: str | None = None
        self._stop_file = stop_file
        self._at_once = False

    def listen(self) -> None:
        """Take over both signals for the rest of the process."""
        signal.signal(signal.SIGTERM, self._on_signal)
        signal.signal(signal.SIGINT, self._on_signal)

    @contextmanager
    def at_once(self) -> Iterator[None]:
        """Seconds of imports and loading that nobody needs to wait for.

        Raises ``Interrupted`` when a signal comes, at the latest at the end, should a library have swallowed it.
        """
        self._at_once = True
        try:
            yield
        finally:
            self._at_once = False
        if self.asked:
            raise Interrupted

    @property
    def asked(self) -> bool:
        """Whether to end: by a signal, or by the stop file alone, for whoever can't send one."""
        return self.signal is not None or self.stopped

    @property
    def stopped(self) -> bool:
        """Whether the job itself is to end, not only this process."""
        return self._stop_file.exists()

    def _on_signal(self, number: int, _frame: FrameType | None) -> None:
        self.signal = signal.Signals(number).name
        if self._at_once:
            self._at_once = False  # once: a second signal must not break off the clearing up
            raise Interrupted
