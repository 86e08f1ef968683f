"""The order of samples: exact by count, the same every time (R12)."""

import random
from collections import Counter
from collections.abc import Callable

import pytest

from anneal_trainer.mix import Plan, Pools, Sample, plan


def plan_of(*, mix: tuple[float, float] = (5, 1), epochs: float = 3, seed: int = 1, generic: int = 30) -> Plan:
    pools = Pools(business=40, generic=generic, mix=mix)
    return plan(pools, epochs=epochs, batch_size=8, evaluations_per_epoch=3, seed=seed)


@pytest.mark.parametrize(("mix", "generic"), [((10, 1), 4), ((5, 1), 8), ((1, 1), 40), ((1, 5), 200), ((1, 0), 0)])
def test_every_epoch_has_all_business_records_once_and_exactly_its_share_of_generic(
    mix: tuple[float, float], generic: int
) -> None:
    laid = plan_of(mix=mix)
    size = 40 + generic
    assert (laid.business, laid.generic, len(laid.order)) == (40, generic, 3 * size)
    for epoch in range(3):
        samples = laid.order[epoch * size : (epoch + 1) * size]
        assert sorted(index for kind, index in samples if kind == "business") == list(range(40))
        assert sum(kind == "generic" for kind, _ in samples) == generic


def test_no_generic_record_comes_twice_before_all_came_once() -> None:
    drawn = [index for kind, index in plan_of(epochs=8).order if kind == "generic"]
    assert max(Counter(drawn[:24]).values()) == 1, "three epochs of eight"
    assert set(Counter(drawn).values()) == {2, 3}, "64 drawn from 30"


def test_the_seed_alone_decides_the_order() -> None:
    assert plan_of(seed=7).order == plan_of(seed=7).order
    assert plan_of(seed=7).order != plan_of(seed=8).order
    assert plan_of().order[:48] != plan_of().order[48:96], "each epoch is shuffled anew"


def test_by_length_the_batches_are_alike_and_every_epoch_keeps_its_mix() -> None:
    pools = Pools(business=40, generic=30, mix=(5, 1))
    rng = random.Random(4)
    lengths = {
        (kind, index): rng.random() for kind, count in (("business", 40), ("generic", 30)) for index in range(count)
    }

    def padding(order: tuple[Sample, ...]) -> float:
        batches = [[lengths[sample] for sample in order[at : at + 7]] for at in range(0, len(order), 7)]
        return sum(max(batch) - length for batch in batches for length in batch)

    def laid(length: Callable[[Sample], float] | None) -> Plan:
        return plan(pools, epochs=3, batch_size=7, evaluations_per_epoch=3, seed=1, length=length)

    grouped, shuffled = laid(lengths.__getitem__), laid(None)
    assert padding(grouped.order) < 0.4 * padding(shuffled.order)
    for epoch in range(3):
        samples = slice(epoch * 48, (epoch + 1) * 48)
        assert sorted(grouped.order[samples]) == sorted(shuffled.order[samples]), (
            "epochs of 48, batches of 7 across them"
        )
    assert grouped.order == laid(lengths.__getitem__).order
    firsts = [grouped.order[at] for at in range(0, 49, 7)]
    assert [lengths[first] for first in firsts] != sorted(lengths[first] for first in firsts), "not short ones first"


def test_half_an_epoch_takes_half_of_both_pools() -> None:
    last = plan_of(epochs=1.5).order[48:]
    assert Counter(kind for kind, _ in last) == {"business": 20, "generic": 4}


def test_evaluations_are_at_0_at_the_end_and_evenly_between() -> None:
    assert sorted(plan_of().evaluation_steps) == [0, 2, 4, 6, 8, 10, 12, 14, 16, 18]


def test_distinct_records_are_counted_by_pool() -> None:
    assert plan_of().distinct(6) == {"business": 40, "generic": 8}
