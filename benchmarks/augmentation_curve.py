"""Draws what benchmarks/augmentation-curve printed: test accuracy by the number of images, with and without augmentation.

python3 benchmarks/augmentation_curve.py LINES PICTURE.png      (needs matplotlib; nothing else of the project does)
"""

import statistics
import sys
from collections import defaultdict

import matplotlib

matplotlib.use("Agg")
from matplotlib import pyplot as plot  # noqa: E402

SERIES = {"without": ("#8a8a8a", "o", "without augmentation"), "with": ("#1f6f5c", "s", "mirrored and shifted")}


def read(path):
    """{with or without: {images: [test accuracy of each seed]}} of lines `images augmentation… seed validation test seconds`."""
    results = {name: defaultdict(list) for name in SERIES}
    with open(path, encoding="utf-8") as lines:
        for line in lines:
            words = line.split()
            name = "without" if words[1] == "[]" else "with"
            results[name][int(words[0])].append(float(words[-2]))
    return results


def draw(results, picture):
    figure, axes = plot.subplots(figsize=(7, 4.2), dpi=130)
    for name, (color, marker, label) in SERIES.items():
        images = sorted(results[name])
        means = [100 * statistics.mean(results[name][n]) for n in images]
        spreads = [100 * statistics.stdev(results[name][n]) if len(results[name][n]) > 1 else 0 for n in images]
        axes.errorbar(images, means, yerr=spreads, color=color, marker=marker, capsize=4, linewidth=2, label=label)
        for n, mean in zip(images, means):
            below = name == "without"
            axes.annotate(f"{mean:.1f}", (n, mean), textcoords="offset points", xytext=(0, -16 if below else 9), ha="center", color=color)
    axes.set_xscale("log")
    ticks = sorted(set(results["with"]) | set(results["without"]))
    axes.set_xticks(ticks, [f"{n:,}" for n in ticks])
    axes.minorticks_off()
    axes.margins(x=0.12, y=0.16)
    axes.set_xlabel("training images, Fashion-MNIST")
    axes.set_ylabel("test accuracy, %")
    axes.grid(axis="y", color="#dddddd")
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(frameon=False, loc="lower right")
    figure.tight_layout()
    figure.savefig(picture)


if __name__ == "__main__":
    draw(read(sys.argv[1]), sys.argv[2])
