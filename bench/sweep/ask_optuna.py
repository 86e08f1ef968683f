"""Optuna by ask and tell over a pipe: one JSON object a line in, one out. Knows nothing of what is trained."""

import json
import sys
from typing import Any

import optuna


def main() -> None:
    """Answer ``ask``, ``report``, ``tell`` and ``best`` until the input ends."""
    space = json.loads(sys.argv[1])
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    study = optuna.create_study(
        sampler=optuna.samplers.TPESampler(seed=space["seed"], multivariate=True),
        pruner=optuna.pruners.SuccessiveHalvingPruner(min_resource=1, reduction_factor=space["eta"]),
    )
    trials: dict[int, Any] = {}
    for line in sys.stdin:
        request = json.loads(line)
        print(json.dumps(answer(study, trials, space, request)), flush=True)


def answer(study: Any, trials: dict[int, Any], space: dict[str, Any], request: dict[str, Any]) -> dict[str, Any]:
    """One step of the search: a new trial, whether to prune, or the best so far."""
    if request["do"] == "ask":
        trial = study.ask()
        trials[trial.number] = trial
        rate = trial.suggest_float("learningRate", space["lowest"], space["highest"], log=True)
        return {
            "number": trial.number,
            "learningRate": rate,
            "batchSize": trial.suggest_categorical("batchSize", space["batchSizes"]),
        }
    if request["do"] == "report":
        trial = trials[request["number"]]
        trial.report(request["loss"], request["resource"])
        return {"prune": trial.should_prune()}
    if request["do"] == "tell":
        state = optuna.trial.TrialState[request["state"]]
        study.tell(trials[request["number"]], request.get("loss") if request["state"] == "COMPLETE" else None, state=state)
        return {}
    return {"number": study.best_trial.number}


main()
