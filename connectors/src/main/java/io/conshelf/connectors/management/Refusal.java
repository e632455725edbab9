package io.conshelf.connectors.management;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.conshelf.connectors.definition.Problem;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// What a service answers instead of doing what was asked. The refusals that services share have a factory method here, the others stand with
/// their service.
public final class Refusal extends RuntimeException {
    private final int status;
    private final String code;
    private final String target;
    private final String detailCode;
    private final transient List<Problem> details;

    private Refusal(int status, String code, String message, String target, String detailCode, List<Problem> details) {
        super(message, null, false, false);
        this.status = status;
        this.code = code;
        this.target = target;
        this.detailCode = detailCode;
        this.details = List.copyOf(details);
    }

    /// @param detailCode the code of every further mistake
    public static Refusal of(int status, String code, String target, String message, String detailCode, List<Problem> details) {
        return new Refusal(status, code, message, target, detailCode, details);
    }

    public static Refusal of(int status, String code, String target, String message) {
        return of(status, code, target, message, code, List.of());
    }

    public static Refusal badRequest(String target, String message) {
        return of(400, "BadRequest", target, message);
    }

    public static Refusal noApiVersion() {
        return of(400, "MissingApiVersionParameter", "", "The api-version query parameter (?api-version=) is required for all requests.");
    }

    public static Refusal apiVersion(String found, String known) {
        return of(400, "InvalidApiVersionParameter", "", "The api-version '" + found + "' is invalid. The supported versions are '" + known + "'.");
    }

    public static Refusal notJson(String what) {
        return of(400, "InvalidRequestContent", "", "The request content was invalid and could not be deserialized: '" + what + "'.");
    }

    public static Refusal noResource(String target, String what) {
        return of(404, "EntityNotFound", target, what + " was not found.");
    }

    public static Refusal noPath(String method, String path) {
        return of(404, "NotFound", "", "Nothing is served at '" + method + " " + path + "'.");
    }

    public static Refusal wrongMethod(String method, String path) {
        return of(405, "MethodNotAllowed", "", "'" + path + "' does not answer " + method + ".");
    }

    /// Known to the interface and not built.
    public static Refusal notSupported(String target, String what) {
        return of(501, "NotSupported", target, what);
    }

    public static Refusal precondition(String target, String what) {
        return of(412, "PreconditionFailed", target, what);
    }

    public static Refusal conflict(String target, String what) {
        return of(409, "Conflict", target, what);
    }

    public ManagementAnswer answer() {
        ObjectNode body = JsonNodeFactory.instance.objectNode();
        ObjectNode error = body.putObject("error").put("code", code).put("message", getMessage()).put("target", target.isEmpty() ? null : target);
        ArrayNode list = error.putArray("details");
        details.forEach(problem -> list.addObject().put("code", detailCode).put("message", problem.message())
                .put("target", problem.file().isEmpty() || problem.path().isEmpty() ? problem.file() + problem.path() : problem.file() + ": " + problem.path()));
        return new ManagementAnswer(status, Optional.of(body), Map.of());
    }
}
