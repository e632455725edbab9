package io.conshelf.factory.service;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.conshelf.factory.definition.Kind;

/// A resource as it was put.
///
/// @param document the whole body: `properties`, and what else stood beside it
record StoredResource(Kind kind, String name, String etag, ObjectNode document) {
    ObjectNode properties() {
        return document.get("properties") instanceof ObjectNode properties ? properties : document.objectNode();
    }
}
