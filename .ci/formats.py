"""Reads the SARIF and JUnit reports of a directory with other people's libraries, beside the JSON report."""

import json
import pathlib
import sys

from junitparser import Failure, JUnitXml, Skipped
from sarif_pydantic import Sarif

work = pathlib.Path(sys.argv[1])
findings = json.loads((work / "findings.json").read_text())["diagnostics"]
assert len({it["level"] for it in findings}) >= 2, "the document has findings of several levels"

log = Sarif.model_validate_json((work / "findings.sarif").read_text())
results = log.runs[0].results
assert [it.rule_id for it in results] == [it["rule"] for it in findings]
for result, finding in zip(results, findings):
    region = result.locations[0].physical_location.region
    assert (region.start_line, region.start_column) == (finding["start"]["line"], finding["start"]["column"])

suites = list(JUnitXml.fromfile(str(work / "findings.junit")))
assert [it.name for it in suites] == ["a, b&c.md", "notes.md"]
failures = 0
for suite in suites:
    cases = list(suite)
    assert suite.tests == len(cases)
    failures += sum(isinstance(it, Failure) for case in cases for it in case.result)
assert failures == sum(it["level"] != "info" for it in findings)
print(f"{len(results)} results, {failures} failures in {len(suites)} suites")

run = json.loads((work / "verified.json").read_text())
log = Sarif.model_validate_json((work / "verified.sarif").read_text())
results = log.runs[0].results
assert [it.rule_id for it in results] == [it["probe"] for it in run["findings"]] != []
for result, finding in zip(results, run["findings"]):
    place = result.locations[0].physical_location
    assert (place.artifact_location.uri, place.region.start_line) == ("strict%2C%20it.md", finding["line"])
suites = list(JUnitXml.fromfile(str(work / "verified.junit")))
cases = [case for suite in suites for case in suite]
for kind, verdict in [(Failure, "broken"), (Skipped, "untested")]:
    count = sum(any(isinstance(it, kind) for it in case.result) for case in cases)
    assert count == run["summary"][verdict], (kind, count, run["summary"])
assert len(cases) == run["summary"]["clauses"]
commands = (work / "verified.github").read_text().splitlines()
assert len(commands) == len(run["findings"])
assert all(it.startswith("::error file=strict%2C it.md,line=") for it in commands)
print(f"verify: {len(results)} results, {len(cases)} cases in {len(suites)} suites")
