"""Reads what benchmarks/shrink-images left: the shape of a small network, the epochs of the longer direct training, the table, the picture.

python3 benchmarks/shrink_images.py table FOLDER      prints the table, and draws FOLDER/shrink-images.png if matplotlib is there
"""

import json
import statistics
import sys
from pathlib import Path

JOBS = {"fashion": "`fashion`, 0.5x", "resnet20": "`fashion-resnet20`, 0.6x"}


def read(path):
    return json.loads(Path(path).read_text(encoding="utf-8"))


def shape(run):
    """The `model:` of a recipe that trains a run's network from random weights."""
    config = read(Path(run) / "model" / "config.json")
    model = {"fresh": config["architecture"]}
    if "width" in config.get("model_args", {}):
        model["width"] = config["model_args"]["width"]
    model.update({key: value for key, value in config["shoestring_shape"].items() if value})
    return json.dumps(model)


def epochs(here):
    """Epochs of training directly that take as many operations as the shrinking did."""
    report, direct = read(here / "shrink.json"), read(here / "direct.json")
    return round(direct["epochs"] * report["cost"]["flops"] / direct["flops"], 1)


def accuracy(summary):
    return 100 * summary["test"]["accuracy"]


def spread(values):
    return f"{statistics.mean(values):.2f} ± {statistics.stdev(values) if len(values) > 1 else 0:.2f}"


def mean(values, scale, digits):
    return f"{scale * statistics.mean(values):.{digits}f}"


def table(folder):
    print("| | operations | parameters | test accuracy, % | one image, ms | in batches, ms | J an image | training, s | training, TFLOP |")
    print("|---|---:|---:|---|---:|---:|---:|---:|---:|")
    for job, title in JOBS.items():
        seeds = sorted(path for path in folder.glob(job + "-*") if (path / "shrink.json").exists())
        if not seeds:
            continue
        reports = [read(seed / "shrink.json") for seed in seeds]
        for name, key, cost in (("original", "original", "original_cost"), ("shrunk", "result", "cost")):
            networks = [report[key] for report in reports]
            print(
                f"| {title}: {name} | {mean([n['flops'] for n in networks], 1e-6, 1)} M | {mean([n['parameters'] for n in networks], 1e-3, 0)} k"
                f" | {spread([100 * n['test'] for n in networks])} | {mean([n['one_seconds'] for n in networks], 1e3, 2)}"
                f" | {mean([n['batch_seconds'] for n in networks], 1e3, 3)} | {mean([n['joules'] for n in networks], 1, 4)}"
                f" | {mean([r[cost]['seconds'] for r in reports], 1, 0)} | {mean([r[cost]['flops'] for r in reports], 1e-12, 1)} |"
            )
        for name, words in (("direct", "the same network, by the recipe"), ("longer", "the same, as long as the shrinking took")):
            runs = [read(seed / f"{name}.json") for seed in seeds if (seed / f"{name}.json").exists()]
            if runs:
                print(
                    f"| {words}, {mean([r['epochs'] for r in runs], 1, 1)} epochs | | | {spread([accuracy(r) for r in runs])} | | | "
                    f"| {mean([r['wall_seconds'] for r in runs], 1, 0)} | {mean([r['flops'] for r in runs], 1e-12, 1)} |"
                )
        print()
        losses = [100 * (r["original"]["test"] - r["result"]["test"]) for r in reports]
        kept = sum(1 for r in reports if r["floor_kept"])
        print(f"{title}: {spread(losses)} points lost; floor kept {kept} of {len(reports)}")


def draw(folder, picture):
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot as plot

    figure, all_axes = plot.subplots(1, 2, figsize=(10, 4.2), dpi=130)
    for axes, (job, title) in zip(all_axes, JOBS.items()):
        kinds = (("cut", "#bbbbbb", "o", "right after the cut"), ("brief", "#d59a3a", "^", "60 steps later"), ("healed", "#1f6f5c", "s", "healed"))
        seeds = sorted(path for path in folder.glob(job + "-*") if (path / "shrink.json").exists())
        for kind, color, marker, label in kinds:
            points = [(c["flops"], c[kind]) for seed in seeds for c in read(seed / "shrink.json")["candidates"] if isinstance(c.get(kind), float)]
            axes.scatter([1e-6 * x for x, _ in points], [100 * y for _, y in points], s=22, color=color, marker=marker, label=label)
        for seed in seeds:
            original = read(seed / "shrink.json")["original"]
            axes.scatter([1e-6 * original["flops"]], [100 * original["validation"]], s=30, color="#333333", marker="*", label="original" if seed == seeds[0] else None)
            if (seed / "direct.json").exists():
                direct = read(seed / "direct.json")
                axes.scatter(
                    [1e-6 * read(seed / "shrink.json")["result"]["flops"]], [100 * direct["value"]], s=26, color="#a33c3c", marker="x",
                    label="trained directly" if seed == seeds[0] else None,
                )
        axes.set_title(title.replace("`", ""), fontsize=10)
        axes.set_xlabel("operations of a prediction, MFLOP")
        axes.set_ylabel("validation accuracy, %")
        axes.grid(color="#dddddd")
        axes.spines[["top", "right"]].set_visible(False)
        axes.legend(frameon=False, fontsize=8, loc="lower right")
    figure.tight_layout()
    figure.savefig(picture)


if __name__ == "__main__":
    command, place = sys.argv[1], Path(sys.argv[2])
    if command == "shape":
        print(shape(place))
    elif command == "epochs":
        print(epochs(place))
    else:
        table(place)
        try:
            draw(place, place / "shrink-images.png")
        except ImportError:
            print("no picture: matplotlib is missing", file=sys.stderr)
