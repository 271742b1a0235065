"""What the peers share: options, a timed loop, and the JSON line that the Java benchmarks print too."""
import argparse
import json
import os
import time

import torch


def options(**defaults):
    """Options --precision, --mode, --steps, and one for each default."""
    parser = argparse.ArgumentParser()
    for name, value in {"precision": "bf16", "mode": "eager", "steps": 15, **defaults}.items():
        parser.add_argument("--" + name.replace("_", "-"), type=type(value), default=value)
    chosen = parser.parse_args()
    torch.set_num_threads(int(os.environ.get("PEER_THREADS", "2")))
    torch.manual_seed(1)
    return chosen


def dtype(chosen):
    return torch.bfloat16 if chosen.precision == "bf16" else torch.float32


def autocast(chosen):
    return torch.autocast("cpu", dtype=torch.bfloat16, enabled=chosen.precision == "bf16")


def compiled(function, chosen, **how):
    return torch.compile(function, **how) if chosen.mode == "compile" else function


def timed(step, count, warmup=3):
    """Milliseconds of each of `count` calls of `step(i)`, after untimed ones."""
    times = []
    for i in range(warmup + count):
        start = time.perf_counter()
        step(i)
        if i >= warmup:
            times.append((time.perf_counter() - start) * 1e3)
    return times


def median(values):
    return sorted(values)[len(values) // 2]


def peak_mib():
    """This process's highest resident memory; -1 where the system does not say."""
    try:
        with open("/proc/self/status") as status:
            return next(int(line.split()[1]) // 1024 for line in status if line.startswith("VmHWM"))
    except OSError:
        return -1


def report(benchmark, chosen, engine=None, variant="", times=None, **figures):
    line = dict(benchmark=benchmark, side=engine or "pytorch", variant=variant or chosen.mode, precision=chosen.precision,
                engine="torch " + torch.__version__, threads=torch.get_num_threads())
    if times:
        line.update(median_ms=round(median(times), 3), min_ms=round(min(times), 3))
    line.update({key: round(value, 3) if isinstance(value, float) else value for key, value in figures.items()})
    line["peak_mib"] = peak_mib()
    print(json.dumps(line), flush=True)


def allow_mismatched_torchvision():
    """Transformers imports torchvision if it is there; one built for another torch fails to register its operators."""
    register = torch.library.register_fake

    def lenient(name, *rest, **more):
        return (lambda function: function) if str(name).startswith("torchvision::") else register(name, *rest, **more)

    torch.library.register_fake = lenient
