"""When training is given up."""

import math

import pytest

from anneal_trainer.health import Health
from anneal_trainer.problems import TrainerProblem


def failure_of(*steps: tuple[float, float]) -> tuple[int, str] | None:
    """At which step, and why, these pairs of loss and gradient norm end training."""
    health = Health()
    for step, (loss, gradient) in enumerate(steps, 1):
        try:
            health.check(step, loss, gradient)
        except TrainerProblem as problem:
            return step, problem.cause
    return None


@pytest.mark.parametrize("bad", [(math.nan, 1.0), (math.inf, 1.0), (1.0, math.nan)])
def test_three_steps_in_a_row_without_a_number_diverged(bad: tuple[float, float]) -> None:
    assert failure_of((1, 1), bad, bad, bad) == (4, "diverged")
    assert failure_of(bad, bad, (1, 1), bad, bad) is None


def test_three_steps_of_loss_0_with_one_gradient_have_no_signal() -> None:
    assert failure_of((1, 1), (0, 2), (0, 2), (0, 2)) == (4, "noSignal")
    assert failure_of((0, 0), (0, 0), (0, 0)) == (3, "noSignal")


def test_a_loss_of_0_with_a_moving_gradient_is_let_go_on() -> None:
    assert failure_of((0, 2), (0, 3), (0, 2), (0, 3)) is None


def test_a_gradient_of_0_has_no_signal_whatever_the_loss() -> None:
    assert failure_of((2, 1), (2, 0), (3, 0), (2.5, 0)) == (4, "noSignal")
    assert failure_of((2, 0), (3, 0), (2, 1), (2, 0), (3, 0)) is None


def test_a_loss_far_above_guessing_diverged_without_being_nan() -> None:
    assert failure_of((2, 1), (663, 9), (5000, 9), (1e9, 9)) == (4, "diverged")
    assert failure_of((12.5, 1), (663, 9), (41, 9), (12.5, 1), (41, 9)) is None
