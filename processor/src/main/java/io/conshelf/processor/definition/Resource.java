package io.conshelf.processor.definition;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.conshelf.connectors.definition.Located;

/// A pipeline or a dataset as its author wrote it, members that nobody here knows among it.
public final class Resource {
    public static final String API_VERSION = "2023-10-04-preview";
    public static final String GROUP = "dataprocessor.iotoperations.azure.com";
    private static final String NAMESPACE = "Microsoft.IoTOperationsDataProcessor";

    private final String file;
    private final String path;
    private final Kind kind;
    private final String name;
    private final ObjectNode envelope;
    private final ObjectNode properties;

    public enum Kind {
        PIPELINE("pipelines", "Pipeline"), DATASET("datasets", "Dataset");

        private final String plural;
        private final String title;

        Kind(String plural, String title) {
            this.plural = plural;
            this.title = title;
        }

        /// As the management interface spells it.
        public String type() {
            return NAMESPACE + "/instances/" + plural;
        }

        /// As custom resources spell it.
        public String title() {
            return title;
        }
    }

    /// @param at         where the properties stand, for messages
    /// @param envelope   what stands beside the properties: location, extendedLocation, tags; `metadata` of a custom resource
    /// @param properties without comments, and otherwise as they were written
    public Resource(Located at, Kind kind, String name, ObjectNode envelope, ObjectNode properties) {
        this.file = at.file();
        this.path = at.path().isEmpty() ? "" : at.path() + ".";
        this.kind = kind;
        this.name = name;
        this.envelope = envelope.deepCopy();
        this.properties = properties.deepCopy();
    }

    String file() {
        return file;
    }

    String path() {
        return path;
    }

    public String name() {
        return name;
    }

    /// What is stored: the definition alone, as the portal imports and exports it.
    public ObjectNode properties() {
        return properties.deepCopy();
    }

    /// As a template deploys it.
    public ObjectNode armResource() {
        ObjectNode resource = JsonNodeFactory.instance.objectNode();
        resource.put("type", kind.type()).put("apiVersion", API_VERSION).put("name", name);
        envelope.properties().stream().filter(member -> !member.getKey().equals("metadata")).forEach(member -> resource.set(member.getKey(), member.getValue().deepCopy()));
        resource.set("properties", properties());
        return resource;
    }

    /// As Kubernetes takes it.
    public ObjectNode customResource() {
        ObjectNode resource = JsonNodeFactory.instance.objectNode();
        resource.put("apiVersion", GROUP + "/v1").put("kind", kind.title);
        ObjectNode metadata = resource.putObject("metadata").put("name", name);
        envelope.path("metadata").properties().stream().filter(member -> !member.getKey().equals("name")).forEach(member -> metadata.set(member.getKey(), member.getValue().deepCopy()));
        resource.set("spec", properties());
        return resource;
    }

    @Override
    public String toString() {
        return kind.title + " " + name;
    }
}
