"""Reads the SARIF and JUnit reports of a directory with other people's libraries, beside the JSON report."""

import json
import pathlib
import sys

from junitparser import Failure, JUnitXml
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
