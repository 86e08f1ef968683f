"""The trainer behind the training contract: ``spec.json`` in, ``events.jsonl``, checkpoints and ``result.json`` out.

``docs/training-contract.md`` and ``config/training.ts`` say what those files hold; this package knows nothing of who
reads them.
"""

__version__ = "0.1.0"
