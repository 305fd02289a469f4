"""What a job needs that most do not: Spark beside its worker, a program that is a model, a service here."""

from __future__ import annotations

from conformity.model.plan import Step
from conformity.model.subject import ModelSubject
from conformity.probes.registry import probe_specs
from conformity.sandbox.confine import Network
from conformity.sandbox.filter import Calls
from conformity.sandbox.interface import AnyJob, MeasureJob, SelfTestJob
from conformity.settings import Settings


def counts_with_spark(job: AnyJob, settings: Settings) -> bool:
    """Tell whether a worker speaks to Spark; what is said of the isolation is tried in one that does."""
    if isinstance(job, MeasureJob):
        return job.engine.name == "spark"
    return isinstance(job, SelfTestJob) and settings.engine == "spark"


def server_of(job: AnyJob) -> str | None:
    """Return the address of the Spark server that a worker speaks to, if it does."""
    return job.engine.remote if isinstance(job, MeasureJob) and job.engine.name == "spark" else None


def endpoint_of(job: AnyJob) -> str | None:
    """Return the address of the model's service that a worker sends prompts to, if it does."""
    found = (model.attacks.endpoint for model in _tried(job, "attacks") if model.attacks is not None)
    return next((address for address in found if address is not None), None)


def starts_programs(job: AnyJob) -> bool:
    """Tell whether a worker starts a program that stands for a model."""
    return endpoint_of(job) is None and any(model.command is not None for model in _tried(job, None))


def runs_a_model(step: Step, job: MeasureJob) -> bool:
    """Tell whether a step loads or asks a model: its probe needs the manifest to declare how."""
    models = {place.subject.id for place in job.targets if isinstance(place.subject, ModelSubject)}
    return step.subject in models and bool(_declares(step))


def only_reads(step: Step) -> bool:
    """Tell whether a step on a model reads its file and nothing else: its probe runs no model."""
    return not _declares(step)


def calls_of(job: AnyJob, settings: Settings) -> Calls:
    """Return the system calls that a worker needs."""
    if counts_with_spark(job, settings):
        return "programs"
    if endpoint_of(job) is not None:
        return "client"
    return "children" if starts_programs(job) else "alone"


def network_of(job: AnyJob, settings: Settings) -> Network:
    """Return what of the network a worker needs: Spark's Java beside it, or a server or service elsewhere."""
    if needs_network(job):
        return "open"
    return "own_loopback" if counts_with_spark(job, settings) else "none"


def needs_network(job: AnyJob) -> bool:
    """Tell whether a worker speaks to something outside itself."""
    return server_of(job) is not None or endpoint_of(job) is not None


def _tried(job: AnyJob, how: str | None) -> list[ModelSubject]:
    """Return the models that the steps of a job run, or those that they try in one way."""
    if not isinstance(job, MeasureJob):
        return []
    ids = {step.subject for step in job.steps if (how in _declares(step) if how else runs_a_model(step, job))}
    models = (place.subject for place in job.targets if isinstance(place.subject, ModelSubject))
    return [model for model in models if model.id in ids]


def _declares(step: Step) -> tuple[str, ...]:
    """Return what the probe of a step needs the manifest to declare; something if it is not known."""
    found = {spec.id: spec.declares for spec in probe_specs()}
    return found.get(step.probe, ("unknown",))
