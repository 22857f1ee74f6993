"""What a service counts, from its registry."""

from __future__ import annotations

from prometheus_client.metrics import MetricWrapperBase

from deploy.docs.markdown import code, codes, page, table
from shared.chassis import metrics as counted

INTRODUCTION = "Served by every service at `/metrics`, in Prometheus' text form, without a token."


def metrics() -> str:
    found = [each for each in vars(counted).values() if isinstance(each, MetricWrapperBase)]
    rows = [(code(_name(each)), type(each).__name__.lower(), codes(_labels(each)), f"{_help(each)}.") for each in found]
    return page("Metrics", INTRODUCTION, table(("name", "kind", "labels", "meaning"), rows))


def _name(metric: MetricWrapperBase) -> str:
    family = next(iter(metric.describe()))
    return f"{family.name}_total" if family.type == "counter" else family.name


def _help(metric: MetricWrapperBase) -> str:
    return str(next(iter(metric.describe())).documentation)


def _labels(metric: MetricWrapperBase) -> tuple[str, ...]:
    return tuple(metric._labelnames)  # noqa: SLF001 - a metric tells its labels nowhere else
