package io.conshelf.factory.definition;

import io.conshelf.connectors.definition.Located;

/// A linked service, dataset, pipeline or another resource as its file states it.
///
/// @param definition the whole of it: `name`, `properties` and what stands beside them
public record Resource(Kind kind, String name, Located definition) {
    /// What the resource is. Articles leave the envelope out now and then, so a definition without one is its properties.
    public Located properties() {
        Located properties = definition.at("properties");
        boolean isBare = !properties.isPresent() && (definition.at("activities").isPresent() || definition.at("typeProperties").isPresent());
        return isBare ? definition : properties;
    }

    public String type() {
        return properties().at("type").text("");
    }
}
