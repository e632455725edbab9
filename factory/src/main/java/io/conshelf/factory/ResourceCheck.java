package io.conshelf.factory;

import io.conshelf.connectors.definition.Located;
import io.conshelf.connectors.definition.Problem;
import io.conshelf.factory.ExpressionCheck.Place;
import io.conshelf.factory.copy.Catalogue;
import io.conshelf.factory.copy.Declaration;
import io.conshelf.factory.definition.Factory;
import io.conshelf.factory.definition.Kind;
import io.conshelf.factory.definition.Parameter;
import io.conshelf.factory.definition.Resource;
import io.conshelf.factory.expression.Evaluator;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Checks linked services, datasets and data flows, and the references to them.
final class ResourceCheck {
    static final String DEFAULT_RUNTIME = "AutoResolveIntegrationRuntime";
    private static final Set<String> DATA_FLOWS = Set.of("mappingdataflow", "flowlet", "wranglingdataflow");

    private final Factory factory;
    private final Set<String> globals;
    private final Findings findings;
    private final ExpressionCheck expressions;
    private final Set<String> seen = new HashSet<>();

    ResourceCheck(Factory factory, Set<String> globals, Findings findings, ExpressionCheck expressions) {
        this.factory = factory;
        this.globals = globals;
        this.findings = findings;
        this.expressions = expressions;
    }

    /// Every linked service, dataset and data flow, named by an activity or not.
    void everything() {
        factory.linkedServices().values().forEach(this::checkLinkedService);
        factory.datasets().values().forEach(this::checkDataset);
        factory.resources(Kind.DATA_FLOW).values().forEach(this::checkDataFlow);
    }

    /// Whether a linked service was come by.
    boolean isUsed(Factory.Broken resource) {
        return resource.kind() == Kind.LINKED_SERVICE && seen.stream().anyMatch(("linkedService " + resource.name())::equalsIgnoreCase);
    }

    /// A reference to a dataset. Articles of 2019 write `name` for `referenceName`.
    void dataset(Located reference) {
        Located named = reference.at("referenceName").isPresent() || !reference.at("name").isPresent() ? reference.at("referenceName") : reference.at("name");
        find(Kind.DATASET, named).ifPresent(dataset -> {
            given(reference.at("parameters"), dataset.name(), dataset);
            checkDataset(dataset);
        });
    }

    void linkedService(Located reference) {
        find(Kind.LINKED_SERVICE, reference.at("referenceName")).ifPresent(service -> {
            given(reference.at("parameters"), service.name(), service);
            checkLinkedService(service);
        });
    }

    /// A reference to an integration runtime, if there is one. All of them are this machine.
    void runtime(Located reference) {
        Located named = reference.at("referenceName");
        if (named.isPresent() && !named.text("").equalsIgnoreCase(DEFAULT_RUNTIME)) {
            find(Kind.INTEGRATION_RUNTIME, named);
        }
    }

    private Optional<Resource> find(Kind kind, Located named) {
        String name = named.text("");
        if (name.startsWith("@") || Evaluator.isExpression(named.value())) {
            return Optional.empty(); // known when it runs
        }
        Optional<Resource> found = Optional.ofNullable(factory.resources(kind).get(name));
        if (found.isEmpty()) {
            findings.problem(factory.broken(kind, name).orElseGet(() -> named.problem(name.isEmpty() ? "names no " + kind.title() : "there is no " + kind.title()
                    + " '" + name + "'; there are " + factory.resources(kind).keySet())));
        }
        return found;
    }

    private void checkDataset(Resource dataset) {
        if (!seen.add("dataset " + dataset.name())) {
            return;
        }
        factory.broken(Kind.DATASET, dataset.name()).ifPresent(findings::problem);
        Names.check(dataset.definition().at("name"), "dataset", dataset.name(), findings);
        Set<String> parameters = declared(dataset);
        datasetType(dataset);
        expressions.check(dataset.properties(), Place.resource("dataset", parameters, globals));
        Located reference = dataset.properties().at("linkedServiceName");
        if (reference.isPresent()) {
            linkedService(reference);
        } else {
            findings.problem(reference.problem("a dataset names the linked service its data is in"));
        }
    }

    private void datasetType(Resource dataset) {
        Located properties = dataset.properties().at("typeProperties");
        Catalogue.require(Catalogue.Kind.DATASET, dataset.properties(), findings::problem).ifPresent(declared -> declared(declared, properties));
        Located location = properties.at("location");
        if (location.isPresent()) {
            Catalogue.require(Catalogue.Kind.LOCATION, location, findings::problem).ifPresent(declared -> declared(declared, location));
        }
    }

    private void declared(Declaration declared, Located properties) {
        declared.check(properties, findings::problem);
        declared.remark(properties, findings::remark);
    }

    private void checkLinkedService(Resource service) {
        if (!seen.add("linkedService " + service.name())) {
            return;
        }
        factory.broken(Kind.LINKED_SERVICE, service.name()).ifPresent(findings::problem);
        Names.check(service.definition().at("name"), "linked service", service.name(), findings);
        Set<String> parameters = declared(service);
        linkedServiceType(service);
        runtime(service.properties().at("connectVia"));
        // The table of the article says 'credentials', its sample 'credential'.
        for (String key : List.of("credential", "credentials")) {
            Located credential = service.properties().at("typeProperties").at(key);
            if (credential.at("referenceName").isPresent()) {
                find(Kind.CREDENTIAL, credential.at("referenceName"));
            }
        }
        expressions.check(service.properties(), Place.resource("linkedService", parameters, globals));
    }

    private void linkedServiceType(Resource service) {
        Catalogue.require(Catalogue.Kind.LINKED_SERVICE, service.properties(), findings::problem)
                .ifPresent(declared -> declared(declared, service.properties().at("typeProperties")));
        for (Map.Entry<String, Located> property : service.properties().at("typeProperties").properties()) {
            if (property.getValue().at("type").text("").equalsIgnoreCase("AzureKeyVaultSecret")) {
                vaultSecret(property.getValue());
            }
        }
    }

    private void vaultSecret(Located secret) {
        if (!secret.at("secretName").isPresent()) {
            findings.problem(secret.at("secretName").problem("a secret of a vault has a name"));
        }
        linkedService(secret.at("store"));
    }

    /// A data flow is kept; only what it names is checked.
    private void checkDataFlow(Resource flow) {
        Names.check(flow.definition().at("name"), "data flow", flow.name(), findings);
        if (!DATA_FLOWS.contains(flow.type().toLowerCase(Locale.ROOT))) {
            findings.problem(flow.properties().at("type").problem("a data flow is a MappingDataFlow, a Flowlet or a WranglingDataFlow, found '"
                    + flow.type() + "'"));
        }
        for (String part : List.of("sources", "sinks", "transformations")) {
            for (Located item : flow.properties().at("typeProperties").at(part).items()) {
                named(Kind.DATASET, item.at("dataset"));
                named(Kind.LINKED_SERVICE, item.at("linkedService"));
                named(Kind.LINKED_SERVICE, item.at("schemaLinkedService"));
                named(Kind.LINKED_SERVICE, item.at("rejectedDataLinkedService"));
                named(Kind.DATA_FLOW, item.at("flowlet"));
            }
        }
    }

    private void named(Kind kind, Located reference) {
        if (reference.isPresent()) {
            find(kind, reference.at("referenceName"));
        }
    }

    private Set<String> declared(Resource resource) {
        Map<String, Parameter> declared = Parameter.readAll(resource.properties().at("parameters"), findings::problem);
        defaults(declared);
        return declared.keySet();
    }

    /// Every parameter of a resource has a value where it is used, and nothing else is given.
    void given(Located given, String name, Resource resource) {
        if (given.value().isTextual() || Evaluator.isExpression(given.value())) {
            return; // the whole of it is computed
        }
        Map<String, Parameter> declared = Parameter.readAll(resource.properties().at("parameters"), _ -> {});
        for (Parameter parameter : declared.values()) {
            if (parameter.value().isEmpty() && !given.at(parameter.name()).isPresent()) {
                findings.problem(given.problem("'" + name + "' needs the parameter '" + parameter.name() + "'"));
            }
        }
        given.properties().stream().filter(entry -> declared.keySet().stream().noneMatch(entry.getKey()::equalsIgnoreCase)).forEach(entry ->
                findings.problem(entry.getValue().problem("'" + name + "' declares no parameter '" + entry.getKey() + "'")));
    }

    /// Default values are of the declared type. One that is computed is known when it runs.
    void defaults(Map<String, Parameter> declared) {
        for (Parameter parameter : declared.values()) {
            Optional<Problem> wrong = parameter.value().filter(value -> !value.isTextual() || !value.textValue().startsWith("@"))
                    .filter(value -> !Evaluator.isExpression(value)).filter(value -> !parameter.accepts(value))
                    .map(value -> parameter.declaration().at("defaultValue").problem("'" + parameter.name() + "' is of type "
                            + parameter.type().title() + ", and " + value + " is not one"));
            wrong.ifPresent(findings::problem);
        }
    }
}
