"""What benchmarks/shrink-language-model left in a folder, as a table, and drawn: held-out loss by tokens.

python3 benchmarks/shrink_language_model.py FOLDER [PICTURE.png]      (the picture needs matplotlib; nothing else of the project does)
"""

import json
import pathlib
import statistics
import sys


def load(path):
    return json.loads(path.read_text(encoding="utf-8"))


def config(run):
    return load(run / "model" / "config.json")


def sizes(run):
    """Parameters in all, and without embeddings."""
    parameters = load(run / "summary.json")["parameters"]["total"]
    sizes = config(run)
    ends = 1 if sizes["tie_word_embeddings"] else 2
    return parameters, parameters - ends * sizes["vocab_size"] * sizes["hidden_size"]


def curve(run):
    """[(tokens, held-out loss)] of every evaluation."""
    tokens, found = 0, []
    for line in (run / "metrics.jsonl").read_text(encoding="utf-8").splitlines():
        event = json.loads(line)
        if event["event"] == "step":
            tokens += event["tokens"]
        elif event["event"] == "evaluation":
            found.append((tokens, event["loss"]))
    return found


def seeds(folder):
    for file in sorted(folder.glob("twin-*.json")):
        seed = file.stem.split("-")[1]
        yield seed, *((folder / f"{name}-{seed}" / "latest").resolve() for name in ("original", "shrunk", "twin"))


def spread(values, form):
    mean = form.format(statistics.mean(values))
    return mean + (" ± " + form.format(statistics.stdev(values)) if len(values) > 1 else "")


def table(folder):
    rows = []
    for seed, original, shrunk, twin in seeds(folder):
        summaries = [load(run / "summary.json") for run in (original, shrunk, twin)]
        goal = summaries[2]["value"]
        healing = curve(shrunk)
        reached = next((tokens for tokens, loss in healing if loss <= goal), None)
        report = load(shrunk / "shrink.json")
        per_token = summaries[1]["flops"] / summaries[1]["tokens_seen"]
        judging = (report["cost"]["flops"] - summaries[1]["flops"]) / per_token
        (total, inner), (small, small_inner) = sizes(original), sizes(twin)
        rows.append(
            {
                "seed": seed,
                "original": summaries[0]["value"],
                "cut": healing[0][1],
                "healed": min(loss for _, loss in healing),
                "twin": goal,
                "share": None if reached is None else reached / summaries[2]["tokens_seen"],
                "all": summaries[1]["tokens_seen"] / summaries[2]["tokens_seen"],
                "judging": judging / summaries[2]["tokens_seen"],
                "flops": report["cost"]["flops"] / summaries[2]["flops"],
                "seconds": report["cost"]["seconds"] / summaries[2]["wall_seconds"],
                "parameters": small / total,
                "inner": small_inner / inner,
            }
        )
    print("| seed | original | after healing | from scratch | share of the twin's tokens to its loss | parameters left | without embeddings |")
    print("|---:|---:|---:|---:|---:|---:|---:|")
    for row in rows:
        share = "not reached" if row["share"] is None else f"{100 * row['share']:.1f}%"
        print(
            f"| {row['seed']} | {row['original']:.4f} | {row['healed']:.4f} | {row['twin']:.4f} | {share} | {100 * row['parameters']:.1f}% | "
            f"{100 * row['inner']:.1f}% |"
        )
    if rows:
        shares = [100 * row["share"] for row in rows if row["share"] is not None]
        print(
            f"| mean | {spread([r['original'] for r in rows], '{:.4f}')} | {spread([r['healed'] for r in rows], '{:.4f}')} | "
            f"{spread([r['twin'] for r in rows], '{:.4f}')} | {spread(shares, '{:.1f}') + '%' if len(shares) == len(rows) else 'not by all'} | | |"
        )
        print()
        print(f"healing: {spread([100 * r['all'] for r in rows], '{:.1f}')}% of the twin's tokens")
        print(f"judging candidates, in tokens of the smaller network: {spread([100 * r['judging'] for r in rows], '{:.1f}')}%")
        print(f"operations of the whole shrinking: {spread([100 * r['flops'] for r in rows], '{:.1f}')}% of the twin's training")
        print(f"seconds of the whole shrinking: {spread([100 * r['seconds'] for r in rows], '{:.1f}')}% of the twin's training")


def draw(folder, picture):
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot as plot

    figure, axes = plot.subplots(figsize=(7, 4.2), dpi=130)
    for number, (_, original, shrunk, twin) in enumerate(seeds(folder)):
        label = number == 0
        whole = curve(twin)[-1][0]
        for run, color, marker, name in (
            (original, "#8a8a8a", "^", "original, from scratch"),
            (twin, "#b5652a", "o", "its smaller twin, from scratch"),
            (shrunk, "#1f6f5c", "s", "cut out of the original and healed"),
        ):
            points = curve(run)
            axes.plot(
                [100 * tokens / whole for tokens, _ in points],
                [loss for _, loss in points],
                color=color,
                marker=marker,
                markersize=4,
                linewidth=1.6,
                label=name if label else None,
            )
        axes.axhline(load(twin / "summary.json")["value"], color="#b5652a", linewidth=0.7, linestyle=":")
    axes.set_xlabel("tokens, % of those of the twin")
    axes.set_ylabel("held-out loss, nats a token")
    axes.grid(axis="y", color="#dddddd")
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(frameon=False, loc="upper right")
    figure.tight_layout()
    figure.savefig(picture)


if __name__ == "__main__":
    table(pathlib.Path(sys.argv[1]))
    if len(sys.argv) > 2:
        draw(pathlib.Path(sys.argv[1]), sys.argv[2])
