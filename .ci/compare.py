"""Runs Schemathesis against the faulty server, without faults and with each of them.

    compare.py FAULTY_SERVER TRUESPEC SCHEMATHESIS RESULTS [EXAMPLES [SEED [AT_ONCE]]]
    compare.py table FAULTY_SERVER RESULTS [FOUND_BY_VERIFY]

RESULTS gets a line of JSON for each run, with the seconds of processor time that Schemathesis took, and runs that
it has already are not made again. What a run without faults reports is no finding about a fault: a fault is found
if its run reports a failure of another kind, which is an operation, a check, a status and the reason of a refusal,
than all runs without faults did. With another seed than 1 only faults are tried that were not found before. Faults
of performance are left out, and query parameters that the schema has and the document does not name.

`table` writes the tables of docs/verify-comparison.md; FOUND_BY_VERIFY has a fault and `found` or `missed` in each line.
"""

import base64
import concurrent.futures
import hashlib
import hmac
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import time

from schemathesis_report import failures

ROOT = pathlib.Path(__file__).parent.parent
DOCUMENT = ROOT / "testkit/faulty-server/spec.md"
SECRET = "open-sesame-for-tests-only"
HEALTHY_SEEDS = 4
HEALTHY_EXAMPLES = 60


def token():
    """A bearer token that holds for a day."""
    part = lambda it: base64.urlsafe_b64encode(it).rstrip(b"=").decode()
    claims = {"sub": "ada", "exp": int(time.time()) + 86400}
    text = f"{part(json.dumps({'alg': 'HS256', 'typ': 'JWT'}).encode())}.{part(json.dumps(claims).encode())}"
    return f"{text}.{part(hmac.new(SECRET.encode(), text.encode(), hashlib.sha256).digest())}"


def kinds(report):
    """Each kind of failure with one request that led to it. Of valid data that were refused, each reason is a kind."""
    found = {}
    for it in failures(report):
        kind = f"{it.operation}: {it.check} {it.status}"
        how = f"{it.uri} {it.sent[:300]} -> {it.answer[:300]}"
        found.setdefault(kind, how)
        message = re.search(r'"message":"([^"]*)"', it.answer) if it.check == "positive_data_acceptance" else None
        for reason in message.group(1).removeprefix("The request is not valid: ").split("; ") if message else []:
            found.setdefault(f"{kind}, {reason}", how)
    return found


def run(server, schema, schemathesis, fault, seed, most):
    """Serves, tests, gives what was reported."""
    folder = pathlib.Path(tempfile.mkdtemp())
    command = [server] + (["--fault", fault] if fault else [])
    environment = {**os.environ, "WORKSHOP_JWT_SECRET": SECRET}
    served = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)
    try:
        url = served.stdout.readline().strip()
        report = folder / "report.ndjson"
        command = [
            schemathesis, "run", str(schema), "--url", url, "--header", f"Authorization: Bearer {token()}",
            "--checks", "all", "--phases", "examples,coverage,fuzzing,stateful", "--workers", "1",
            "--max-examples", str(most), "--seed", str(seed), "--continue-on-failure", "--no-color",
            "--suppress-health-check", "all", "--report", "ndjson", "--report-ndjson-path", str(report),
        ]
        with open(folder / "printed", "w") as out:
            tested = subprocess.Popen(command, cwd=folder, stdout=out, stderr=subprocess.STDOUT)
            _, _, used = os.wait4(tested.pid, 0)
            tested.returncode = 0
        printed = (folder / "printed").read_text()
        if not report.exists():
            sys.exit(f"schemathesis did not run:\n{printed}")
        cases = re.search(r"(\d+) generated", printed)
        shown = {
            "fault": fault or "", "seed": seed, "seconds": round(used.ru_utime + used.ru_stime, 1),
            "cases": int(cases.group(1)) if cases else None, "kinds": kinds(report),
        }
        (folder / "report.ndjson").unlink()
        return shown
    finally:
        served.terminate()
        served.wait()


def named(schema):
    """The schema without query parameters that the document does not name."""
    sections = DOCUMENT.read_text().split("#### Endpoint ")[1:]
    for section in sections:
        method = re.search(r"\*\*Method\*\*: (\w+)", section).group(1).lower()
        path = re.search(r"\*\*Path\*\*: `([^`]+)`", section).group(1)
        own = schema["paths"][path][method]
        said = lambda it: it["in"] != "query" or f"\n| {it['name']} |" in section
        own["parameters"] = [it for it in own.get("parameters", []) if said(it)]
    return schema


def found(results):
    """The names of the faults that were found, with what found them."""
    # Which item of a list it is, and what a field is called that is not known, is by chance.
    plain = lambda it: re.sub(r"\[\d+\]", "[]", re.sub(r"\S+ (is not a known)", r"… \1", it))
    healthy = {plain(kind) for it in results if not it["fault"] for kind in it["kinds"]}
    names = {}
    for it in results:
        new = {kind: how for kind, how in it["kinds"].items() if plain(kind) not in healthy and not by_chance(kind, it)}
        if it["fault"] and new:
            names.setdefault(it["fault"], {}).update(new)
    return names


def by_chance(kind, result):
    """What a busy machine decides, or one text that no other run drew; a refusal stands for its reasons."""
    reasons = [it for it in result["kinds"] if it.startswith(f"{kind}, ")]
    return "max_response_time" in kind or "must not hold U+0000" in kind or (
        bool(reasons) and all(by_chance(it, result) for it in reasons))


def table(server, path, verified):
    """Who found what, as docs/verify-comparison.md has it from its second section on."""
    listed = subprocess.run([server, "--list"], check=True, capture_output=True, text=True).stdout.splitlines()[:-1]
    results = [json.loads(it) for it in path.read_text().splitlines()]
    ours = dict(it.split()[:2] for it in verified.read_text().splitlines()) if verified else {}
    names, healthy = found(results), [it for it in results if not it["fault"]]
    kinds = {}
    for kind in (kind for it in healthy for kind in it["kinds"] if ", " not in kind):
        kinds[kind] = kinds.get(kind, 0) + 1
    rows, tried = [], {it["fault"] for it in results} - {""}
    for line in listed:
        name, probe, summary, _ = re.split(r"  +", line, maxsplit=3)
        runs = [it for it in results if it["fault"] == name]
        spent = sum(it["seconds"] for it in runs)
        missed = f"no ({sum(it['cases'] or 0 for it in runs)} cases, {spent:.0f} s)" if runs else "not run"
        # What speaks of the server itself goes before what may be another refusal.
        by = sorted(names.get(name, {}), key=lambda it: ("positive_data" in it, it))[:2]
        mark = "; ".join(f"`{it}`" for it in by) if by else missed
        rows.append(f"| {name} | {summary} | {probe} | {mark} | {ours.get(name, '')} |")
    cases = [it["cases"] or 0 for it in healthy]
    return "\n".join(
        ["## Without faults", ""]
        + [f"{len(healthy)} runs, {min(cases)} to {max(cases)} cases each, reported these kinds of failure:", ""]
        + ["| Failure | Runs |", "|---------|------|"]
        + [f"| `{kind}` | {count} |" for kind, count in sorted(kinds.items())]
        + ["", "## Who finds what", ""]
        + [f"Schemathesis was run on {len(tried)} faults and found {len(names)}.", ""]
        + ["| Fault | What is wrong | Probe of verify | Schemathesis | verify |"]
        + ["|-------|---------------|-----------------|--------------|--------|"] + rows
    ) + "\n"


def main():
    if sys.argv[1] == "table":
        verified = pathlib.Path(sys.argv[4]) if len(sys.argv) > 4 else None
        page = ROOT / "docs/verify-comparison.md"
        kept = page.read_text().split("## Without faults")[0]
        page.write_text(kept + table(sys.argv[2], pathlib.Path(sys.argv[3]), verified))
        return
    server, truespec, schemathesis = (str(pathlib.Path(it).absolute()) for it in sys.argv[1:4])
    path = pathlib.Path(sys.argv[4])
    most, seed, at_once = (int(it) for it in (sys.argv[5:] + ["60", "1", "1"][len(sys.argv) - 5:]))
    schema = pathlib.Path(tempfile.mkdtemp()) / "openapi.json"
    subprocess.run([truespec, "export", "openapi", str(DOCUMENT), "-o", str(schema)], check=True, capture_output=True)
    schema.write_text(json.dumps(named(json.loads(schema.read_text()))))
    listed = subprocess.run([server, "--list"], check=True, capture_output=True, text=True).stdout.splitlines()[:-1]
    faults = [it.split()[0] for it in listed if "performance: " not in it]
    results = [json.loads(it) for it in path.read_text().splitlines()] if path.exists() else []
    made = {(it["fault"], it["seed"]) for it in results}
    known = found(results) if seed != 1 else {}
    wanted = [("", it) for it in range(1, HEALTHY_SEEDS + 1)] + [(it, seed) for it in faults if it not in known]

    def one(what):
        fault, seed = what
        done = run(server, schema, schemathesis, fault, seed, most if fault else HEALTHY_EXAMPLES)
        with open(path, "a") as out:
            out.write(json.dumps(done) + "\n")
        kinds = len(done["kinds"])
        print(f"{fault or 'healthy'} {seed}: {done['cases']} cases, {kinds} kinds, {done['seconds']} s", flush=True)

    with concurrent.futures.ThreadPoolExecutor(at_once) as pool:
        list(pool.map(one, [it for it in wanted if it not in made]))


if __name__ == "__main__":
    main()
