"""A process that has the heavy imports behind it and forks for each task: ``python -m tests.warm``.

Loading torch, transformers and TRL takes longer than any test; a fork has them at once and is a process of its own,
with its own signals, files and death. The parent itself computes nothing, so that no thread is lost in a fork.

Reads lines {"target": "module:function", "arguments": […], "log": file, "answer": file}; answers each with the
child's process id. A line {"wait": pid} is answered with the exit code, minus the signal's number after a kill.
"""

import importlib
import json
import os
import sys
import time
import traceback
from pathlib import Path
from typing import Any


def main() -> None:
    from anneal_trainer.device import quick_imports, quiet_libraries

    quiet_libraries()
    with quick_imports():
        for name in ("peft", "torch._dynamo", "anneal_trainer.reporter", "anneal_trainer.training", "tiny_vlm.build"):
            importlib.import_module(name)
    for line in sys.stdin:
        request = json.loads(line)
        reply = os.waitstatus_to_exitcode(os.waitpid(request["wait"], 0)[1]) if "wait" in request else _fork(request)
        print(reply, flush=True)  # noqa: T201 (the protocol)


def _fork(request: dict[str, Any]) -> int:
    child = os.fork()
    if child:
        return child
    code = 70
    try:
        log = os.open(request["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        os.dup2(log, 1)
        os.dup2(log, 2)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        module, function = request["target"].split(":")
        answer = getattr(importlib.import_module(module), function)(*request["arguments"])
        Path(request["answer"]).write_text(json.dumps(answer))
        code = 0
    except Exception:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def trainer(arguments: list[str]) -> None:
    """The command line itself, ending the process with its exit code."""
    from anneal_trainer.__main__ import leave
    from anneal_trainer.__main__ import main as command

    leave(command(arguments, time.time()))


if __name__ == "__main__":
    main()
