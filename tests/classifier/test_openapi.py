"""Every answer of the API is as its own description says, whatever is sent."""

from __future__ import annotations

from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.classifier.live import Site

AS_DESCRIBED = [
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]


@pytest.mark.parametrize(("method", "path"), [("POST", "/classify"), ("POST", "/export"), ("GET", "/models")])
def test_every_answer_is_as_described(site: Site, method: str, path: str) -> None:
    schema = schemathesis.openapi.from_url(f"http://127.0.0.1:{site.port}/api/v1/openapi.json")

    @settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
    @given(case=schema[f"/api/v1{path}"][method].as_strategy())
    def ask(case: schemathesis.Case[Any]) -> None:
        response = case.call()
        # A 503 is described like every other answer: all workers may be busy.
        checks = AS_DESCRIBED if response.status_code == 503 else [*AS_DESCRIBED, not_a_server_error]
        case.validate_response(response, checks=checks)

    ask()
