"""The rows of a job and the order in which they are trained."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from anneal_trainer.files import path_of
from anneal_trainer.lengths import length_of, rule_of
from anneal_trainer.mix import Plan, Pools, Sample, plan
from anneal_trainer.problems import TrainerProblem
from anneal_trainer.records import Row, read_rows
from anneal_trainer.spec import Spec


@dataclass(frozen=True, kw_only=True)
class Data:
    """The rows to train on and the named sets to evaluate."""

    business: Sequence[Row]
    generic: Sequence[Row]
    evaluate: dict[str, list[Row]]


def read_data(spec: Spec) -> Data:
    """Read every set of the spec.

    Raises ``TrainerProblem`` (data), also when no business record has an answer to learn.
    """
    business = read_rows(spec.business, spec.seed)
    if not any(row.answer.strip() for row in business):
        raise TrainerProblem("data", f"No record of {path_of(spec.business.uri)} has an answer to learn.")
    if spec.method == "dpo":
        _check_pairs(business, spec.business.uri)
    wanted = spec.generic if spec.mix[1] > 0 else None
    evaluate = {name: read_rows(source, spec.seed) for name, source in spec.evaluate.items()}
    if spec.method == "dpo":
        _check_pairs(evaluate["preferences"], spec.evaluate["preferences"].uri)
    return Data(business=business, generic=read_rows(wanted, spec.seed) if wanted else (), evaluate=evaluate)


def _check_pairs(rows: Sequence[Row], uri: str) -> None:
    """Every record must be a pair: of different answers, or of one answer under different pictures."""
    for row in rows:
        if row.rejected is None:
            raise TrainerProblem("data", f"{path_of(uri).name}: the record {row.id!r} has no rejected answer.")
        if row.rejected.strip() == row.answer.strip() and row.rejected_images in (None, row.images):
            what = "the same answer chosen and rejected, under the same pictures"
            raise TrainerProblem("data", f"{path_of(uri).name}: the record {row.id!r} has {what}.")


def lay_out(spec: Spec, data: Data) -> Plan:
    """The order of all samples of the job.

    Raises ``TrainerProblem`` (data) when the order asks for lengths and a picture has no readable size.
    """
    return plan(
        Pools(business=len(data.business), generic=len(data.generic), mix=spec.mix),
        epochs=spec.epochs,
        batch_size=spec.batch_size,
        evaluations_per_epoch=spec.evaluations_per_epoch,
        seed=spec.seed,
        length=_lengths(spec, data) if spec.order == "byLength" else None,
        until_epoch=spec.until_epoch,
    )


def _lengths(spec: Spec, data: Data) -> Callable[[Sample], float]:
    rule = rule_of(path_of(spec.model))
    rows = {"business": data.business, "generic": data.generic}
    known = {
        (kind, index): length_of(row, rule).tokens for kind, pool in rows.items() for index, row in enumerate(pool)
    }
    return lambda sample: known[sample]
