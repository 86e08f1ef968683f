"""The trainer's command line: ``python -m anneal_trainer run JOB --attempt 1``.

Data goes to standard output, talk to standard error. Nothing heavy is imported before it is needed.
"""

import time

STARTED_AT = time.time()

import argparse  # noqa: E402 (the clock starts first)
import json  # noqa: E402
import logging  # noqa: E402
import os  # noqa: E402
import sys  # noqa: E402
from pathlib import Path  # noqa: E402

from anneal_trainer.problems import TrainerProblem  # noqa: E402


def main(arguments: list[str] | None = None, started_at: float = STARTED_AT) -> int:
    """Run one command; the exit code: 0 done, 1 failed, 2 your input, 75 the job is taken."""
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(message)s", stream=sys.stderr)
    options = _parser().parse_args(arguments)
    if options.command == "run":
        from anneal_trainer.run import run

        return run(options.job, options.attempt, started_at)
    try:
        _tool(options)
    except TrainerProblem as problem:
        print(problem if problem.cause in ("data", "model") else f"{problem.cause}: {problem}", file=sys.stderr)
        return 2
    return 0


def _tool(options: argparse.Namespace) -> None:
    if options.command == "capabilities":
        from anneal_trainer.capabilities import capabilities

        print(json.dumps(capabilities()))
    elif options.command == "model-info":
        from anneal_trainer.model_info import model_info

        print(json.dumps(model_info(options.model)))
    elif options.command == "merge":
        from anneal_trainer.merge import merge

        merge(options.model, options.adapter, options.out)
    elif options.command == "probe":
        from anneal_trainer.probing.ladder import probe

        probe(options.spec, options.out)
    elif options.command == "averages":
        from anneal_trainer.averages import averages

        averages(options.spec, options.out)
    elif options.command == "interpolate":
        from anneal_trainer.interpolate import interpolate

        interpolate(options.model, options.tuned, options.share, options.out)
    else:
        from anneal_trainer.generate import Question, generate

        question = Question(
            records=options.set,
            limit=options.limit,
            seed=options.seed,
            prompt=options.prompt,
            maximum_tokens=options.max_tokens,
        )
        generate(options.model, options.adapter, question, options.out)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="anneal_trainer", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)

    run = commands.add_parser("run", help="work on a job folder that holds spec.json; resumes what is there")
    run.add_argument("job", type=Path)
    run.add_argument("--attempt", type=int, required=True, help="1 for the first start of this job, then 2, 3, …")

    generate = commands.add_parser("generate", help="greedy answers to records, one line {id, answer} each")
    generate.add_argument("--model", type=Path, required=True)
    generate.add_argument("--adapter", type=Path, help="folder of a LoRA adapter on that model")
    generate.add_argument("--set", type=Path, required=True, help="file of task records")
    generate.add_argument("--limit", type=int, help="this many records, chosen by the hash of seed and id")
    generate.add_argument("--seed", type=int, default=1)
    generate.add_argument("--prompt", type=Path, help="JSON file with system and template ({question} in it)")
    generate.add_argument("--max-tokens", type=int, default=64)
    generate.add_argument("--out", type=Path, required=True)

    merge = commands.add_parser("merge", help="write an adapter and its base as one model")
    merge.add_argument("--model", type=Path, required=True)
    merge.add_argument("--adapter", type=Path, required=True)
    merge.add_argument("--out", type=Path, required=True)

    probe = commands.add_parser("probe", help="figures of the sanity check's probes, as JSON")
    probe.add_argument("--spec", type=Path, required=True, help="file of a ProbeSpec (config/probing.ts)")
    probe.add_argument("--out", type=Path, required=True)

    averages = commands.add_parser("averages", help="losses of averages of a base and its tuned form, as JSON (R12)")
    averages.add_argument("--spec", type=Path, required=True, help="file of an AveragesSpec (config/averaging.ts)")
    averages.add_argument("--out", type=Path, required=True)

    interpolate = commands.add_parser("interpolate", help="write a model between a base and its tuned form (R12)")
    interpolate.add_argument("--model", type=Path, required=True, help="folder of the base model")
    interpolate.add_argument("--tuned", type=Path, required=True, help="a checkpoint of it, whole or a LoRA adapter")
    interpolate.add_argument("--share", type=float, required=True, help="0 is the base, 1 the tuned model")
    interpolate.add_argument("--out", type=Path, required=True)

    commands.add_parser("capabilities", help="what this trainer can do, as JSON")
    info = commands.add_parser("model-info", help="what a model folder holds, as JSON")
    info.add_argument("model", type=Path)
    return parser


def leave(code: int) -> None:
    """End the process at once: every file of ours is closed by now, and taking the libraries apart takes seconds."""
    logging.shutdown()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


if __name__ == "__main__":
    leave(main())
