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
        ahead = {}
        for name, words in (("direct", "the same network, by the recipe"), ("longer", "the same, as long as the shrinking took")):
            trained = [(report, read(seed / f"{name}.json")) for seed, report in zip(seeds, reports) if (seed / f"{name}.json").exists()]
            runs = [run for _, run in trained]
            if runs:
                print(
                    f"| {words}, {mean([r['epochs'] for r in runs], 1, 1)} epochs | | | {spread([accuracy(r) for r in runs])} | | | "
                    f"| {mean([r['wall_seconds'] for r in runs], 1, 0)} | {mean([r['flops'] for r in runs], 1e-12, 1)} |"
                )
                ahead[words] = [100 * report["result"]["test"] - accuracy(run) for report, run in trained]
        print()
        losses = [100 * (r["original"]["test"] - r["result"]["test"]) for r in reports]
        kept = sum(1 for r in reports if r["floor_kept"])
        print(f"{title}: {spread(losses)} points lost; floor kept {kept} of {len(reports)}")
        for words, points in ahead.items():
            print(f"shrunk, points ahead of {words}: {spread(points)}")


def draw(folder, picture):
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot as plot

    figure, all_axes = plot.subplots(1, 2, figsize=(10, 4.2), dpi=130)
    for axes, (job, title) in zip(all_axes, JOBS.items()):
        seeds = sorted(path for path in folder.glob(job + "-*") if (path / "shrink.json").exists())
        ticks = {}
        for seed, marker in zip(seeds, "os^Dv"):
            report = read(seed / "shrink.json")
            places = [(0, "original", 100 * report["original"]["test"]), (1, "shrunk", 100 * report["result"]["test"])]
            for x, name in ((2, "direct"), (3, "longer")):
                if (seed / f"{name}.json").exists():
                    run = read(seed / f"{name}.json")
                    places.append((x, f"trained directly,\n{run['epochs']:.1f} epochs", accuracy(run)))
            axes.plot([x for x, _, _ in places], [y for _, _, y in places], color="#bbbbbb", linewidth=0.8, zorder=1)
            axes.scatter(
                [x for x, _, _ in places], [y for _, _, y in places], s=36, marker=marker, zorder=2,
                color=[("#333333", "#1f6f5c", "#a33c3c", "#d59a3a")[x] for x, _, _ in places],
            )
            ticks.update({x: words for x, words, _ in places})
        axes.set_xticks(list(ticks), list(ticks.values()), fontsize=8)
        axes.set_xlim(-0.4, 3.4)
        axes.set_title(title.replace("`", "") + " the operations; a line for each seed", fontsize=10)
        axes.set_ylabel("test accuracy, %")
        axes.grid(axis="y", color="#dddddd")
        axes.spines[["top", "right"]].set_visible(False)
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
