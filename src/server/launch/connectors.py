"""Lets ZenML's own service connectors answer what only they can: what they give access to, and with which credentials.

Darkroom runs this file with a JSON list of jobs on standard input, and reads as many answers from standard output. A job
is `{"operation": "verify" or "client", "connector": …, "resource_type", "resource_id", "list_resources"}`, where the
connector is a stored one as it goes over the wire, or a request for one. An answer is `{"answer": …}`, or
`{"error": class, "message": …}`.
"""

import json
import os
import sys


def read(document):
    """The connector as ZenML's model, and as the object that can be asked."""
    from zenml.models import ServiceConnectorRequest, ServiceConnectorResponse
    from zenml.service_connectors.service_connector_registry import (
        service_connector_registry,
    )

    kind = ServiceConnectorResponse if "body" in document else ServiceConnectorRequest
    model = kind.model_validate(document)
    return model, service_connector_registry.instantiate_connector(model=model)


def carry_out(job):
    model, connector = read(job["connector"])
    resource = {
        name: job[name] for name in ("resource_type", "resource_id") if job.get(name)
    }
    if job["operation"] == "client":
        client = connector.get_connector_client(**resource)
        result = client.to_response_model(
            user=model.user, description=model.description, labels=model.labels
        )
    else:
        result = connector.verify(list_resources=job["list_resources"], **resource)
    return result.model_dump(mode="json")


def answer(job):
    from zenml.exceptions import AuthorizationException

    known = (AuthorizationException, NotImplementedError, ValueError)
    try:
        return {"answer": carry_out(job)}
    except Exception as error:
        name = next((kind.__name__ for kind in known if isinstance(error, kind)), "")
        return {"error": name, "message": str(error)}


def main():
    # Whatever prints goes to standard error: standard output holds the answers only.
    with os.fdopen(os.dup(1), "w") as out:
        os.dup2(2, 1)
        json.dump([answer(job) for job in json.load(sys.stdin)], out)


if __name__ == "__main__":
    main()
