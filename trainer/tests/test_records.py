"""Records as rows."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from anneal_trainer.problems import TrainerProblem
from anneal_trainer.records import phrased, prompted, read_rows
from anneal_trainer.spec import SetSpec
from tests.jobs import record_of, write_records


def set_of(path: Path, limit: int | None = None, phrasings: tuple[str, ...] = ()) -> SetSpec:
    return SetSpec(uri=str(path), limit=limit, phrasings=phrasings)


@pytest.fixture
def records(tmp_path: Path) -> Path:
    return write_records(tmp_path / "records.jsonl", 12, seed=1)


def question_of(row: object) -> str:
    return str(row.prompt[-1]["content"][-1]["text"])  # type: ignore[attr-defined]


def test_a_phrasing_is_drawn_by_seed_and_id_alone(records: Path) -> None:
    phrasings = ("First: {question}", "Second: {question}", "{question} Third.")
    rows = read_rows(set_of(records, phrasings=phrasings), seed=1)
    again = read_rows(set_of(records, limit=3, phrasings=phrasings), seed=1)
    by_id = {row.id: question_of(row) for row in rows}
    assert all(by_id[row.id] == question_of(row) for row in again), "other records change nothing"
    assert len({question_of(row).split(":")[0] for row in rows}) > 1
    assert by_id != {row.id: question_of(row) for row in read_rows(set_of(records, phrasings=phrasings), seed=2)}


def test_a_phrasing_leaves_braces_in_the_question_alone(records: Path) -> None:
    row = read_rows(set_of(records), seed=1)[0]
    odd = phrased(phrased(row, ["{question} {x}"], 1), ["<{question}>"], 1)
    assert question_of(odd) == f"<{question_of(row)} {{x}}>"


def test_a_variant_of_another_format_is_asked_as_it_stands(records: Path) -> None:
    lines = [json.loads(line) for line in records.read_text().splitlines()]
    by = {"record": lines[0]["id"], "by": "yesNo"}
    made = {**lines[0], "id": "made", "from": by, "answerKind": {"kind": "yesNo"}}
    records.write_text("".join(json.dumps(line) + "\n" for line in [made, *lines]))
    plain, asked = (read_rows(set_of(records, phrasings=given), seed=1) for given in ((), ("{question} One word.",)))
    assert question_of(asked[0]) == question_of(plain[0])
    assert question_of(asked[1]) == f"{question_of(plain[1])} One word."
    assert question_of(prompted(asked[0], "", "{question} One word.")) == question_of(plain[0])


def test_a_set_takes_the_records_of_its_quality_and_those_that_say_none(records: Path) -> None:
    lines = [json.loads(line) for line in records.read_text().splitlines()]
    rated = [line if index < 2 else {**line, "quality": index / 20} for index, line in enumerate(lines)]
    records.write_text("".join(json.dumps(line) + "\n" for line in rated))
    good = replace(set_of(records), least_quality=0.5)
    assert [row.id for row in read_rows(good, seed=1)] == [line["id"] for line in [*rated[:2], *rated[10:]]]
    assert len(read_rows(replace(good, limit=3), seed=1)) == 3
    records.write_text("".join(json.dumps({**line, "quality": 0.4}) + "\n" for line in lines))
    with pytest.raises(TrainerProblem, match=r"no record of quality 0\.5 or above"):
        read_rows(good, seed=1)


def test_a_system_text_stands_before_every_record_of_a_set(records: Path) -> None:
    source = replace(set_of(records, phrasings=("{question} One word.",)), system="Be brief.")
    for row, plain in zip(read_rows(source, seed=1), read_rows(set_of(records), seed=1), strict=True):
        assert row.prompt[0] == {"role": "system", "content": [{"type": "text", "text": "Be brief."}]}
        assert question_of(row) == f"{question_of(plain)} One word." and row.completion == plain.completion


def test_a_limit_chooses_the_same_records_whatever_their_order(records: Path) -> None:
    chosen = {row.id for row in read_rows(set_of(records, limit=5), seed=1)}
    lines = records.read_text().splitlines()
    records.write_text("\n".join(reversed(lines)) + "\n")
    assert {row.id for row in read_rows(set_of(records, limit=5), seed=1)} == chosen
    assert len(chosen) == 5


def test_a_prompt_replaces_the_system_text_and_frames_the_question(records: Path) -> None:
    row = read_rows(set_of(records), seed=1)[0]
    asked = prompted(prompted(row, "Old.", ""), "New.", "{question} One word.")
    assert [message["role"] for message in asked.prompt] == ["system", "user"]
    assert asked.prompt[0]["content"][0]["text"] == "New."
    assert question_of(asked) == f"{question_of(row)} One word."


def test_images_come_in_the_order_of_the_parts(tmp_path: Path) -> None:
    record = record_of("a", "Which?", "b", "one.png")
    record["images"] = ["one.png", "two.png"]
    record["messages"][0]["content"] = [{"type": "image", "image": 1}, {"type": "image", "image": 0}]
    for name in record["images"]:
        (tmp_path / name).touch()
    (tmp_path / "r.jsonl").write_text(json.dumps(record) + "\n")
    (row,) = read_rows(set_of(tmp_path / "r.jsonl"), seed=1)
    assert [path.name for path in row.images] == ["two.png", "one.png"]


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("{", "line 2 is no task record"),
        ('{"id": "x", "images": [], "messages": []}', "line 2: the last message"),
        ('{"id": "x", "images": [], "messages": [{"role": "user", "content": []}]}', "line 2: the last message"),
        ('{"id": "records-0", "images": [], "messages": []}', "line 2: the last message"),
    ],
)
def test_a_bad_record_is_named_by_file_and_line(records: Path, line: str, says: str) -> None:
    first = records.read_text().splitlines()[0]
    records.write_text(f"{first}\n{line}\n")
    with pytest.raises(TrainerProblem, match=says) as raised:
        read_rows(set_of(records), seed=1)
    assert raised.value.cause == "data"


def test_a_missing_image_is_named(records: Path) -> None:
    (records.parent / "images/records-3.png").unlink()
    with pytest.raises(TrainerProblem, match=r"1 images .*records-3.png"):
        read_rows(set_of(records), seed=1)


def test_an_id_that_comes_twice_is_refused(records: Path) -> None:
    records.write_text(records.read_text() * 2)
    with pytest.raises(TrainerProblem, match="'records-0' was there before"):
        read_rows(set_of(records), seed=1)
