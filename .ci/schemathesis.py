"""Runs Schemathesis against the examples and holds its failures to docs/schemathesis.md.

    schemathesis.py TRUESPEC SCHEMATHESIS [MAX_EXAMPLES [SEED]]

A failure is allowed if a row of the page names its document, its operation, its check and its status, and
the line of the document that the answer rests on (`Truespec-Clause`) contains the words of the row.
"""

import pathlib
import re
import subprocess
import sys
import tempfile
import time

from schemathesis_report import failures

ROOT = pathlib.Path(__file__).parent.parent
CONFIG = "[generation]\nallow-x00 = false\n"


def rows():
    """The table of the page."""
    found = []
    for line in (ROOT / "docs/schemathesis.md").read_text().splitlines():
        cells = [it.strip().strip("`") for it in re.split(r"(?<!\\)\|", line)[1:-1]]
        if len(cells) == 6 and cells[0].endswith(".md"):
            found.append([it.replace("\\|", "|") for it in cells])
    return found


def run(truespec, schemathesis, document, most, seed):
    """Serves a document, tests it, gives the report and what was printed."""
    folder = pathlib.Path(tempfile.mkdtemp())
    (folder / "config.toml").write_text(CONFIG)
    log = folder / "log"
    with open(log, "w") as out:
        command = [truespec, "run", str(document), "--port", "0", "--db", "sqlite::memory:"]
        server = subprocess.Popen(command, stdout=out, stderr=subprocess.DEVNULL)
    try:
        url = None
        for _ in range(100):
            found = re.search(r"http://127\.0\.0\.1:\d+", log.read_text())
            if found:
                url = found.group()
                break
            time.sleep(0.1)
        if url is None:
            sys.exit(f"{document} is not served")
        report = folder / "report.ndjson"
        done = subprocess.run(
            [schemathesis, "--config-file", str(folder / "config.toml"), "run", f"{url}/openapi.json"]
            + ["--checks", "all", "--phases", "examples,coverage,fuzzing,stateful"]
            + ["--max-examples", str(most), "--seed", str(seed), "--suppress-health-check", "all", "--no-color"]
            + ["--report", "ndjson", "--report-ndjson-path", str(report)],
            cwd=folder, capture_output=True, text=True, timeout=900,
        )
        if not report.exists():
            sys.exit(f"schemathesis did not run against {document}:\n{done.stdout}\n{done.stderr}")
        return report, done.stdout
    finally:
        server.terminate()
        server.wait()


def main():
    truespec, schemathesis = (str(pathlib.Path(it).absolute()) for it in sys.argv[1:3])
    most, seed = (sys.argv[3:] + ["25", "1"][len(sys.argv) - 3:])[:2]
    template = pathlib.Path(tempfile.mkdtemp()) / "template.md"
    subprocess.run([truespec, "new", str(template)], check=True, capture_output=True)
    allowed, met, wrong = rows(), set(), 0
    for document in sorted((ROOT / "examples").glob("*.md")) + [template]:
        report, printed = run(truespec, schemathesis, document, most, seed)
        lines = document.read_text().splitlines()
        unlisted = {}
        for it in failures(report):
            operation, check, status = it.operation, it.check, it.status
            clause, answer = it.headers.get("truespec-clause", ""), it.answer[:300]
            at = int(clause.rpartition(":")[2] or 0)
            text = lines[at - 1].strip() if 0 < at <= len(lines) else ""
            row = next((own for own in allowed if own[:4] == [document.name, operation, check, status] and own[4] in text), None)
            if row:
                met.add(tuple(row))
            else:
                unlisted.setdefault((operation, check, status, text), (clause, answer, f"{it.uri} {it.sent[:600]}"))
        total = re.search(r"(\d+) generated", printed)
        print(f"{document.name}: {total.group(1) if total else '?'} cases, {len(unlisted)} kinds of failure that are not listed")
        for (operation, check, status, text), (clause, answer, request) in unlisted.items():
            print(f"  {operation}: {check}, {status}\n    rests on {clause}: {text}\n    sent {request}\n    answer {answer}")
        wrong += len(unlisted)
    for row in allowed:
        if tuple(row) not in met:
            print(f"not met this time: {' | '.join(row[:5])}")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
