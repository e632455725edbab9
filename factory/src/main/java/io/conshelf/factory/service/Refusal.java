package io.conshelf.factory.service;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.conshelf.connectors.definition.Problem;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// What the service answers instead of doing what was asked. Every refusal has a factory method here.
final class Refusal extends RuntimeException {
    private final int status;
    private final String code;
    private final String target;
    private final transient List<Problem> details;

    private Refusal(int status, String code, String message, String target, List<Problem> details) {
        super(message, null, false, false);
        this.status = status;
        this.code = code;
        this.target = target;
        this.details = details;
    }

    static Refusal badRequest(String target, String message) {
        return new Refusal(400, "BadRequest", message, target, List.of());
    }

    /// A step of authoring that did not work, with the code of the store.
    static Refusal step(String target, String code, String message) {
        return new Refusal(400, code, message, target, List.of());
    }

    static Refusal noApiVersion() {
        return new Refusal(400, "MissingApiVersionParameter", "The api-version query parameter (?api-version=) is required for all requests.", "", List.of());
    }

    static Refusal apiVersion(String found, String known) {
        return new Refusal(400, "InvalidApiVersionParameter", "The api-version '" + found + "' is invalid. The supported versions are '" + known + "'.", "",
                List.of());
    }

    static Refusal notJson(String what) {
        return new Refusal(400, "InvalidRequestContent", "The request content was invalid and could not be deserialized: '" + what + "'.", "", List.of());
    }

    static Refusal noFactory(FactoryId id) {
        return new Refusal(404, "ResourceNotFound", "The Resource 'Microsoft.DataFactory/factories/" + id.name() + "' under resource group '"
                + id.resourceGroup() + "' was not found.", id.path(), List.of());
    }

    static Refusal noResource(String target, String what) {
        return new Refusal(404, "EntityNotFound", what + " was not found.", target, List.of());
    }

    static Refusal noPath(String method, String path) {
        return new Refusal(404, "NotFound", "Nothing is served at '" + method + " " + path + "'.", "", List.of());
    }

    static Refusal wrongMethod(String method, String path) {
        return new Refusal(405, "MethodNotAllowed", "'" + path + "' does not answer " + method + ".", "", List.of());
    }

    /// Known to the interface and not built.
    static Refusal notSupported(String target, String what) {
        return new Refusal(501, "NotSupported", what, target, List.of());
    }

    static Refusal precondition(String target, String what) {
        return new Refusal(412, "PreconditionFailed", what, target, List.of());
    }

    static Refusal conflict(String target, String what) {
        return new Refusal(409, "Conflict", what, target, List.of());
    }

    static Refusal invalidReference(String target, String name) {
        return badRequest(target, "The document creation or update failed because of invalid reference '" + name + "'.");
    }

    static Refusal isReferenced(String target, String by) {
        return badRequest(target, "The document cannot be deleted since it is referenced by " + by + ".");
    }

    /// A pipeline that cannot run: every mistake is told.
    static Refusal invalidTemplate(String target, List<Problem> problems) {
        return new Refusal(400, "BadRequest", "ErrorCode=InvalidTemplate, ErrorMessage=" + problems.getFirst()
                + (problems.size() == 1 ? "" : " (and " + (problems.size() - 1) + " more in 'details')"), target, problems);
    }

    ManagementAnswer answer() {
        ObjectNode body = JsonNodeFactory.instance.objectNode();
        ObjectNode error = body.putObject("error").put("code", code).put("message", getMessage()).put("target", target.isEmpty() ? null : target);
        ArrayNode list = error.putArray("details");
        details.forEach(problem -> list.addObject().put("code", "InvalidTemplate").put("message", problem.message())
                .put("target", problem.file() + (problem.path().isEmpty() ? "" : ": " + problem.path())));
        return new ManagementAnswer(status, Optional.of(body), Map.of());
    }
}
