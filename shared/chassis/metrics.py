"""What a service counts. One registry, served at /metrics."""

from __future__ import annotations

from prometheus_client import Counter, Gauge, Histogram

REQUESTS = Histogram(
    "nuan_http_seconds", "Seconds an HTTP request took", ["route", "method", "status"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.3, 1, 3, 10),
)  # fmt: skip
REFUSALS = Counter("nuan_refusals_total", "Refused requests", ["code"])
EVENTS_APPLIED = Counter("nuan_events_applied_total", "Events applied", ["producer"])
EVENTS_PARKED = Counter("nuan_events_parked_total", "Items parked", ["producer"])
CONSUMER_LAG = Gauge("nuan_consumer_lag_events", "Events in the producer's log that are not applied yet", ["producer"])
BATCHES_OVERDUE = Gauge("nuan_batches_overdue", "Debit batches that the bank should have answered by now")
CONSUMER_HALTED = Gauge(
    "nuan_consumer_halted", "1 when the stream stands still until a person has looked", ["producer"]
)
WEBHOOK_ATTEMPTS = Counter("nuan_webhook_attempts_total", "Attempts to tell partners", ["outcome"])
WEBHOOKS_NOT_ANSWERING = Gauge(
    "nuan_webhooks_not_answering", "Partners that have not answered for so long that they wait for a person", ["state"]
)
