package io.conshelf.factory.service;

import io.conshelf.connectors.definition.Problem;
import io.conshelf.connectors.management.Refusal;
import java.util.List;

/// What Data Factory refuses in words of its own.
final class FactoryRefusals {
    private FactoryRefusals() {}

    /// A step of authoring that did not work, with the code of the store.
    static Refusal step(String target, String code, String message) {
        return Refusal.of(400, code, target, message);
    }

    static Refusal noFactory(FactoryId id) {
        return Refusal.of(404, "ResourceNotFound", id.path(), "The Resource 'Microsoft.DataFactory/factories/" + id.name() + "' under resource group '"
                + id.resourceGroup() + "' was not found.");
    }

    static Refusal invalidReference(String target, String name) {
        return Refusal.badRequest(target, "The document creation or update failed because of invalid reference '" + name + "'.");
    }

    static Refusal isReferenced(String target, String by) {
        return Refusal.badRequest(target, "The document cannot be deleted since it is referenced by " + by + ".");
    }

    /// A pipeline that cannot run: every mistake is told.
    static Refusal invalidTemplate(String target, List<Problem> problems) {
        return Refusal.of(400, "BadRequest", target, "ErrorCode=InvalidTemplate, ErrorMessage=" + problems.getFirst()
                + (problems.size() == 1 ? "" : " (and " + (problems.size() - 1) + " more in 'details')"), "InvalidTemplate", problems);
    }
}
