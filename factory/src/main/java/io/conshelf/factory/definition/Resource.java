package io.conshelf.factory.definition;

/// A linked service, dataset or pipeline as its file states it.
public record Resource(String name, Located properties) {
    public String type() {
        return properties.at("type").text("");
    }
}
