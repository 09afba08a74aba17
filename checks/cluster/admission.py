"""The webhooks that the API server calls: on admission, and to convert custom resources."""

import msgspec

from checks.cluster.meta import Metadata, Struct

CONVERSION = "CustomResourceDefinition"
"""The kind of the configuration of a conversion webhook: it stands in the definition itself."""


class ServiceReference(Struct, frozen=True):
    """The Service that a webhook is called through."""

    name: str = ""
    namespace: str = ""
    port: int = 443


class WebhookClientConfig(Struct, frozen=True):
    """How the API server calls a webhook."""

    service: ServiceReference | None = None
    url: str = ""
    ca_bundle: str = msgspec.field(default="", name="caBundle")
    """Base64 of PEM, as the API gives it."""


class Rule(Struct, frozen=True):
    """What a webhook is called for; `*` stands for all."""

    api_groups: tuple[str, ...] = ()
    resources: tuple[str, ...] = ()
    operations: tuple[str, ...] = ()

    def covers(self, group: str, resource: str, operation: str) -> bool:
        """Whether the API server calls the webhook for this."""
        wanted = ((self.api_groups, group), (self.resources, resource), (self.operations, operation))
        return all(
            {"*", value} & set(values) or (values is self.resources and "*/*" in values) for values, value in wanted
        )


class Webhook(Struct, frozen=True):
    """One webhook of a configuration."""

    name: str = ""
    client_config: WebhookClientConfig = WebhookClientConfig()
    failure_policy: str = "Fail"
    timeout_seconds: int = 10
    side_effects: str = ""
    rules: tuple[Rule, ...] = ()


class WebhookConfiguration(Struct, frozen=True):
    """A ValidatingWebhookConfiguration or MutatingWebhookConfiguration, or what a definition has in place of one."""

    kind: str = ""
    metadata: Metadata = Metadata()
    webhooks: tuple[Webhook, ...] = ()


class ConversionWebhook(Struct, frozen=True):
    """`spec.conversion.webhook` of a CustomResourceDefinition."""

    client_config: WebhookClientConfig = WebhookClientConfig()


class Conversion(Struct, frozen=True):
    """`spec.conversion` of a CustomResourceDefinition."""

    strategy: str = "None"
    webhook: ConversionWebhook | None = None


class Version(Struct, frozen=True):
    """One version of a custom resource."""

    name: str = ""


class DefinitionSpec(Struct, frozen=True):
    """`spec` of a CustomResourceDefinition, without its schemas."""

    group: str = ""
    conversion: Conversion = Conversion()
    versions: tuple[Version, ...] = ()


class Definition(Struct, frozen=True):
    """A CustomResourceDefinition, without its schemas."""

    metadata: Metadata = Metadata()
    spec: DefinitionSpec = DefinitionSpec()

    @property
    def configuration(self) -> WebhookConfiguration | None:
        """Its conversion webhook in the form of the others; None where it has none.

        A definition of one version converts nothing, so nobody calls its webhook. A call of a conversion is waited for
        30 s and never passed over (`k8s.io/apiextensions-apiserver/pkg/apiserver/conversion`).
        """
        conversion = self.spec.conversion
        if conversion.strategy != "Webhook" or conversion.webhook is None or len(self.spec.versions) == 1:
            return None
        hook = Webhook(
            name=self.metadata.name,
            client_config=conversion.webhook.client_config,
            timeout_seconds=30,
            side_effects="None",
        )
        return WebhookConfiguration(kind=CONVERSION, metadata=self.metadata, webhooks=(hook,))
