"""Whether all systems give each rule the same size, on few events and without times: a test in seconds."""

from __future__ import annotations

from . import ours, rules
from .bench import Bench, BenchError, peer_sample
from .samples import Series, disagreements
from .scan import PEERS, load_native


def run(bench: Bench) -> tuple[str, list[str]]:
    """Asks each peer that was chosen once. Returns what was compared, and what differs."""
    dataset = bench.dataset()
    project = ours.project_of(bench, dataset)
    rules_file, count = bench.work / "rules.json", max(bench.rule_counts)
    rule_set = rules.generate(dataset.facts, dataset.days[-1], count)
    rules.write(rules_file, rule_set)
    view = project.view(bench.work / "view", rule_set)
    series = [Series("Grandstand", "", [ours.run_sample(bench, view, str(rule_set.as_of), bench.threads)])]
    for variant in bench.variants:
        for peer in bench.peers:
            if peer == "clickhouse-native":
                load_native(bench, dataset, variant, bench.work)
            job = bench.peer_job(dataset, variant, bench.work) | {"rules": str(rules_file), "count": count}
            # Both ways of asking: a scan takes the first for one rule and the second for more.
            for way, one_by_one in (("one by one", True), ("in a pass", False)):
                outcome = bench.worker(job="scan", peer=peer, one_by_one=one_by_one, **job)
                series.append(Series(PEERS[peer], f"{variant}, {way}", [peer_sample(outcome)]))
    for one in series:
        if one.failure:
            raise BenchError(f"{one.system} ({one.data}): {one.failure}")
    members = sum(series[0].samples[0].sizes.values())
    systems = ", ".join(f"{one.system} ({one.data})" for one in series[1:])
    return f"{count} rules, {members:,} members: Grandstand, {systems}", disagreements(series)
