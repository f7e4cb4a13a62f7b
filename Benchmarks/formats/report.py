"""The figures as Markdown: a table for each workload, and the targets with what was reached.

    python report.py RESULTS.json      prints the report of an earlier run again
"""

import json
import statistics
import sys

# Lines of the benchmark: key, title, whether smaller is better.
LINES = [
    ("size", "size, MB", True),
    ("write", "write, s", True),
    ("scan", "full scan, s", True),
    ("two", "two columns, s", True),
    ("single", "single events/s", False),
    ("random", "random batches, events/s", False),
    ("epoch", "first epoch, loaded whole, events/s", False),
    ("later", "later epochs in memory, events/s", False),
    ("block", "block-shuffled, events/s", False),
]
FINGAL = "fingal"
SMALL = "fingal-size"
# A peer whose file is at most this much larger is of comparable size.
COMPARABLE = 1.25


class Figures:
    """Medians of one workload at one number of threads."""

    def __init__(self, workload, threads):
        self.rows = [row for row in workload["results"] if row["threads"] == threads]
        # Who gains nothing from threads was measured with one, and is a rival all the same.
        present = {row["peer"] for row in self.rows}
        others = [row for row in workload["results"] if row["threads"] == 1 and row["peer"] not in present]
        self.single = [row["peer"] for row in others if "failed" not in row]
        self.rows += others
        self.failed = [row["peer"] for row in self.rows if "failed" in row]
        self.rows = [row for row in self.rows if "failed" not in row]

    def value(self, peer, line):
        for row in self.rows:
            if row["peer"] == peer:
                if line == "size":
                    return row["size"]
                found = row["lines"].get(line)
                return statistics.median(found) if found else None
        return None

    def spread(self, peer, line):
        """Largest over smallest of the repeats."""
        for row in self.rows:
            if row["peer"] == peer and row["lines"].get(line):
                return max(row["lines"][line]) / min(row["lines"][line])
        return None

    @property
    def peers(self):
        return [row["peer"] for row in self.rows if not row["peer"].startswith(FINGAL)]

    def best(self, line, among=None):
        """The best peer of a line and its figure."""
        smaller = next(s for key, _, s in LINES if key == line)
        found = [(self.value(peer, line), peer) for peer in (among if among is not None else self.peers)]
        found = [pair for pair in found if pair[0] is not None]
        if not found:
            return None, None
        value, peer = (min if smaller else max)(found)
        return peer, value

    def named(self, *prefixes):
        return [peer for peer in self.peers if peer.startswith(prefixes)]


def markdown(results):
    machine = results["machine"]
    versions = ", ".join(f"{name} {version}" for name, version in machine["packages"].items())
    settings = results["settings"]
    clock = " of **processor time: not to be quoted**" if settings.get("clock") == "cpu" else ""
    parts = [
        "# Fingal and other formats",
        f"{machine['cpu']}, {machine['processors']} processors, load before the run {machine['load_before']:.2f}; "
        f"commit {machine['commit']}; {versions}. Medians of {settings['repeats']} repeats of at least "
        f"{settings['seconds']} s each{clock}. Bold: the best of a column; n×: the ratio to the best peer, above 1 is better.",
    ]
    for workload in results["workloads"]:
        info = workload["info"]
        hits = f", {info['hits']:,} hits" if info["kind"] == "hits" else ""
        parts.append(f"## {workload['name']}: {info['events']:,} events{hits}, "
                     f"{info['decoded_bytes'] / 1e6:.1f} MB decoded")  # fmt: skip
        for threads in sorted({row["threads"] for row in workload["results"]}):
            figures = Figures(workload, threads)
            parts.append(f"### {threads} thread{'s' if threads > 1 else ''}")
            parts.append(table(figures, info))
            if figures.failed:
                parts.append("Failed: " + ", ".join(figures.failed) + ".")
            if figures.single:
                parts.append("Measured with one thread: " + ", ".join(figures.single) + ".")
            kept = [row["peer"] for row in figures.rows if "kept_write" in row]
            if kept:
                parts.append("\\* time of an earlier run: " + ", ".join(kept) + ".")
            earlier = [row["peer"] for row in figures.rows if "earlier" in row]
            if earlier:
                parts.append("Measured in an earlier run: " + ", ".join(earlier) + ".")
            if figures.value(FINGAL, "size"):
                parts.append(target_table(figures, workload["name"], info))
    return "\n\n".join(parts) + "\n"


def table(figures, info):
    lines = [line for line in LINES if figures.best(line[0], [row["peer"] for row in figures.rows])[1] is not None]
    rows = [["format", *[title for _, title, _ in lines], "scan, GB/s"]]
    best = {key: figures.best(key, [row["peer"] for row in figures.rows])[0] for key, _, _ in lines}
    for row in figures.rows:
        peer = row["peer"]
        cells = [peer]
        for key, _, _ in lines:
            value = figures.value(peer, key)
            text = "–" if value is None else number(key, value)
            if key == "write" and "kept_write" in row:
                text += "\\*"
            cells.append(f"**{text}**" if best[key] == peer else text)
        cells.append(f"{info['decoded_bytes'] / figures.value(peer, 'scan') / 1e9:.2f}")
        rows.append(cells)
    for ours in (FINGAL, SMALL):
        if figures.value(ours, "size") and figures.peers:
            cells = [f"{ours} ÷ best peer"]
            for key, _, smaller in lines:
                peer, value = figures.best(key)
                mine = figures.value(ours, key)
                ratio = None if not value or not mine else (value / mine if smaller else mine / value)
                cells.append("–" if ratio is None else f"{ratio:.2f}× {peer}")
            rows.append([*cells, ""])
    return as_markdown(rows)


def number(key, value):
    if key == "size":
        return f"{value / 1e6:.2f}"
    if key in ("write", "scan", "two"):
        return f"{value:.4g}" if value >= 0.1 else f"{value:.4f}"
    return f"{value:,.0f}"


def as_markdown(rows):
    head, *body = rows
    rule = "| " + " | ".join(["---"] + ["--:"] * (len(head) - 1)) + " |"
    return "\n".join(["| " + " | ".join(head) + " |", rule, *("| " + " | ".join(row) + " |" for row in body)])


# Targets -----------------------------------------------------------------------------------------------------------


def targets(figures, name, info):
    """Rows: what, target, reached, whether it passes (None: cannot be told)."""
    rows = []

    def at_most(what, mine, theirs, peer, limit):
        if mine and theirs:
            rows.append((what, f"≤ {limit} of {peer}", f"{mine / theirs:.3f}", mine / theirs <= limit))
        else:
            rows.append((what, f"≤ {limit}", "not measured", None))

    def at_least(what, ratio, peer, limit):
        if ratio:
            rows.append((what, f"≥ {limit} × {peer}", f"{ratio:.2f}", ratio >= limit))
        else:
            rows.append((what, f"≥ {limit} ×", "not measured", None))

    def faster(line, ours, peers):
        """How many times faster than the best of some peers, and which that is."""
        peer, value = figures.best(line, peers)
        mine = figures.value(ours, line)
        if not value or not mine:
            return None, None
        smaller = next(s for key, _, s in LINES if key == line)
        return (value / mine if smaller else mine / value), peer

    for peers in (["vortex-compact"], ["parquet-zstd19"]):
        peer, value = figures.best("size", [p for p in figures.peers if p in peers])
        at_most("size, default options", figures.value(FINGAL, "size"), value, peer, 0.85)
    peer, value = figures.best("size")
    at_most("size, optimize: size", figures.value(SMALL, "size"), value, f"{peer} (the smallest)", 0.80)
    if info["kind"] == "hits":
        ratio, peer = faster("scan", FINGAL, figures.named("vortex"))
        at_least("full scan", ratio, peer, 2.5)
        ratio, peer = faster("scan", FINGAL, figures.named("feather"))
        at_least("full scan", ratio, peer, 1.0)
        ratio, peer = faster("two", FINGAL, figures.named("vortex"))
        at_least("two columns", ratio, peer, 2.0)
    ratio, peer = faster("random", FINGAL, figures.peers)
    at_least("batches, global random order", ratio, peer, 9.0)
    ratio, peer = faster("epoch", FINGAL, figures.peers)
    if ratio:
        # No target, but it belongs beside the one above: Fingal's reader keeps what it has decoded, and so can others.
        rows.append(("the same, against peers that load all first", f"{peer}", f"{ratio:.2f}", None))
    ratio, peer = faster("block", FINGAL, figures.peers)
    at_least("batches, block-shuffled", ratio, peer, 2.0)
    if info["kind"] == "hits":
        for line, aim in (("random", 500_000), ("block", 600_000)):
            value = figures.value(FINGAL, line)
            what = "aim: random batches" if line == "random" else "aim: block-shuffled"
            rows.append((what, f"{aim:,} events/s", f"{value:,.0f}" if value else "–", bool(value) and value >= aim))
    mine = figures.value(FINGAL, "size")
    comparable = [p for p in figures.peers if mine and figures.value(p, "size") <= COMPARABLE * mine]
    ratio, peer = faster("write", FINGAL, comparable)
    if comparable:
        at_least(f"write (files up to {COMPARABLE} × ours)", ratio, peer, 1.0)
    else:
        smallest, _ = figures.best("size")
        ratio, peer = faster("write", FINGAL, [smallest] if smallest else [])
        at_least(f"write (no peer within {COMPARABLE} × our size: the smallest)", ratio, peer, 1.0)
    return rows


def target_table(figures, name, info):
    words = {True: "pass", False: "**miss**", None: "–"}
    rows = [["target", "wanted", "reached", ""]]
    rows += [[what, wanted, reached, words[passed]] for what, wanted, reached, passed in targets(figures, name, info)]
    return as_markdown(rows)


if __name__ == "__main__":
    print(markdown(json.load(open(sys.argv[1]))), end="")
