"""The order of samples: exact by count, the same every time (R12)."""

from collections import Counter

import pytest

from anneal_trainer.mix import Plan, Pools, plan


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


def test_half_an_epoch_takes_half_of_both_pools() -> None:
    last = plan_of(epochs=1.5).order[48:]
    assert Counter(kind for kind, _ in last) == {"business": 20, "generic": 4}


def test_evaluations_are_at_0_at_the_end_and_evenly_between() -> None:
    assert sorted(plan_of().evaluation_steps) == [0, 2, 4, 6, 8, 10, 12, 14, 16, 18]


def test_distinct_records_are_counted_by_pool() -> None:
    assert plan_of().distinct(6) == {"business": 40, "generic": 8}
