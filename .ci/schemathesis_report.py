"""Reads the reports of Schemathesis (`--report ndjson`)."""

import base64
import json
import typing


class Failure(typing.NamedTuple):
    """A check that a request and its answer failed."""

    operation: str
    check: str
    # `none` without an answer.
    status: str
    # Names in lower case.
    headers: dict
    answer: str
    uri: str
    sent: str


def text(body):
    """A body as text."""
    return base64.b64decode((body or {}).get("$base64", "")).decode(errors="replace")


def failures(report):
    """The failed checks of a report."""
    for line in report.read_text().splitlines():
        scenario = json.loads(line).get("ScenarioFinished")
        if not scenario:
            continue
        recorder = scenario["recorder"]
        for case, checks in recorder.get("checks", {}).items():
            for check in checks:
                if check["status"] == "success":
                    continue
                own = recorder["cases"][case]["value"]
                exchange = recorder.get("interactions", {}).get(case, {})
                answer, request = exchange.get("response") or {}, exchange.get("request") or {}
                yield Failure(
                    operation=f"{own['method']} {own['path']}",
                    check=check["name"],
                    status=str(answer.get("status_code", "none")),
                    headers={name.lower(): values[0] for name, values in answer.get("headers", {}).items()},
                    answer=text(answer.get("content")),
                    uri=request.get("uri", ""),
                    sent=text(request.get("body")),
                )
