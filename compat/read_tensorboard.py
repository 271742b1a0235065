"""Reads a run's event files with TensorBoard's own reader and checks them against metrics.jsonl.

    python compat/read_tensorboard.py RUN_FOLDER        (pip install tensorboard)

Run by hand and by whoever checks a release; the product, its build and its tests never need Python.
Exits 0 if every curve is read whole: one value a step, the last steps equal to the metrics log's.
"""

import json
import sys
from pathlib import Path

from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tensorboard.plugins.hparams import metadata as hparams


def main(run: Path) -> None:
    accumulator = EventAccumulator(str(run), size_guidance={"scalars": 0, "tensors": 0})
    accumulator.Reload()
    tags = accumulator.Tags()
    print("scalars:", ", ".join(tags["scalars"]))
    print("tensors:", ", ".join(tags["tensors"]))

    for tag in tags["scalars"]:
        steps = [event.step for event in accumulator.Scalars(tag)]
        assert steps == sorted(set(steps)), f"{tag}: a step appears twice or out of order"
        print(f"  {tag}: {len(steps)} values, steps {steps[0]} to {steps[-1]}")

    recipe = accumulator.Tensors("recipe")
    text = recipe[0].tensor_proto.string_val[0].decode("utf-8")
    assert text.strip(), "the recipe is empty"
    print(f"  recipe: {len(text.splitlines())} lines")

    sessions = accumulator.summary_metadata
    if hparams.SESSION_START_INFO_TAG in sessions:
        content = sessions[hparams.SESSION_START_INFO_TAG].plugin_data.content
        start = hparams.parse_session_start_info_plugin_data(content)
        print("  hparams:", ", ".join(sorted(start.hparams)))

    log = run / "metrics.jsonl"
    if log.exists():
        lines = [json.loads(line) for line in log.read_text("utf-8").splitlines()]
        losses = {line["step"]: line["loss"] for line in lines if line["event"] == "step"}
        read = {event.step: event.value for event in accumulator.Scalars("train/loss")}
        assert read.keys() == losses.keys(), "the curves and metrics.jsonl disagree about the steps"
        for step, loss in losses.items():
            assert loss is None or abs(read[step] - loss) <= 1e-6 * max(1.0, abs(loss)), f"step {step}: {read[step]} != {loss}"
        print(f"  train/loss equals metrics.jsonl at {len(losses)} steps")
    print("TensorBoard reads everything.")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(Path(sys.argv[1]))
