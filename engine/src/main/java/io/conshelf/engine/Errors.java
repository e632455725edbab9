package io.conshelf.engine;

import java.util.Optional;

/// The engine's errors in the service's words: one factory each, so that wording and codes stand together.
public final class Errors {
    private static final String EXCEPTIONS = "Kusto.Data.Exceptions.";

    private Errors() {}

    public static ServiceError badRequest(String message) {
        return new ServiceError(400, "General_BadRequest", EXCEPTIONS + "KustoBadRequestException",
                "Request is invalid and cannot be processed: " + message, true, Optional.empty());
    }

    /// A construct that is known and not executed yet; `what` names it and where it stands.
    public static ServiceError notSupported(String what) {
        return new ServiceError(400, "General_BadRequest", EXCEPTIONS + "KustoServiceOperationNotSupportedException",
                "Request is invalid and cannot be processed: not supported: " + what, true, Optional.empty());
    }
}
