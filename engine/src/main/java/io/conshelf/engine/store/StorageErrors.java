package io.conshelf.engine.store;

import io.conshelf.engine.Errors;
import io.conshelf.engine.ServiceError;
import java.io.IOException;
import java.sql.SQLException;
import java.util.Optional;
import java.util.regex.Pattern;

/// Storage's errors in the service's words.
public final class StorageErrors {
    private static final String EXCEPTIONS = "Kusto.Data.Exceptions.";
    /// How DuckDB's words begin where values do not fit what is asked of them, or there is no memory for that.
    private static final Pattern OF_A_QUERY = Pattern.compile("(?:Invalid Input|Conversion|Out of Range|Out of Memory) Error");

    private StorageErrors() {}

    public static ServiceError databaseNotFound(String name) {
        return permanent(400, "BadRequest_DatabaseNotExist", "DatabaseNotFoundException",
                "Database '" + name + "' was not found.");
    }

    /// A database that there is, in a file that cannot be used now. Permanent it is not: what waits for it is kept.
    static ServiceError databaseUnavailable(String name, String reason) {
        return new ServiceError(503, "ServiceUnavailable", EXCEPTIONS + "KustoServiceException",
                "Database '" + name + "' is not available: " + reason, false, Optional.empty());
    }

    public static ServiceError tableNotFound(String name) {
        return entityNotFound("Table", name);
    }

    static ServiceError changedMeanwhile(String table) {
        return new ServiceError(409, "Conflict", EXCEPTIONS + "KustoConflictException",
                "Table '" + table + "' was dropped or emptied while rows were loaded into it; nothing was loaded.", false,
                Optional.empty());
    }

    /// @param kind `Table`, `Column`, `Function` …
    public static ServiceError entityNotFound(String kind, String name) {
        return permanent(400, "BadRequest_EntityNotFound", "EntityNotFoundException",
                "Entity '" + name + "' of kind '" + kind + "' was not found.");
    }

    public static ServiceError entityExists(String kind, String name) {
        return permanent(400, "BadRequest_EntityAlreadyExists", "EntityAlreadyExistsException",
                "Entity '" + name + "' of kind '" + kind + "' already exists.");
    }

    public static ServiceError mappingNotFound(String kind, String name, String entity) {
        return permanent(400, "BadRequest_MappingReferenceWasNotFound", "MappingNotFoundException",
                "Entity '" + name + "' of kind 'MappingPersistent' was not found: '" + entity + "' has no " + kind
                        + " mapping of that name.");
    }

    public static ServiceError entityNameIsNotValid(String kind, String name, String reason) {
        return permanent(400, "BadRequest_EntityNameIsNotValid", "EntityNameIsNotValidException",
                "The " + kind + " name '" + name + "' is not valid: " + reason + ".");
    }

    public static ServiceError badPolicy(String policy, String reason) {
        return permanent(400, "General_BadRequest", "KustoBadRequestException",
                "Request is invalid and cannot be processed: " + policy + ": " + reason);
    }

    public static ServiceError badSchema(String reason) {
        return permanent(400, "General_BadRequest", "KustoBadRequestException",
                "Request is invalid and cannot be processed: " + reason);
    }

    public static ServiceError forbidden(String principal, String role, String entity) {
        return permanent(403, "Forbidden", "KustoRequestDeniedException",
                "Principal '" + principal + "' is not authorized: " + entity + " requires the role '" + role + "'.");
    }

    public static ServiceError internal(String message) {
        return new ServiceError(520, "General_InternalServerError", EXCEPTIONS + "KustoServiceException", message, false,
                Optional.empty());
    }

    /// What storage failed with: the disk's part in it, that of the query whose rows were to be kept, or what failed.
    public static ServiceError failed(String what, SQLException failure) {
        String message = String.valueOf(failure.getMessage());
        // Behind the first line stand frames.
        return DiskTrouble.of(failure).orElseGet(() -> OF_A_QUERY.matcher(message).lookingAt()
                ? Errors.of(failure) : internal(what + ": " + message.lines().findFirst().orElse("")));
    }

    public static ServiceError failed(String what, IOException failure) {
        return DiskTrouble.of(failure).orElseGet(() -> internal(what + ": " + failure.getMessage()));
    }

    static ServiceError throttledIngestion(long bytesMax) {
        return new ServiceError(429, "General_ThrottledIngestion", EXCEPTIONS + "KustoRequestThrottledException",
                "More than " + bytesMax + " bytes of streamed rows wait to be sealed; repeat the request later.", false,
                Optional.empty());
    }

    /// A few bytes may become many rows of many columns.
    public static ServiceError streamTooLarge(long bytesMax) {
        return new ServiceError(413, "Stream_InputStreamTooLarge", EXCEPTIONS + "KustoRequestPayloadTooLargeException",
                "The rows of the request take more than " + bytesMax + " bytes; send fewer rows in one request.", true,
                Optional.empty());
    }

    static ServiceError tooManyWriters(int waiting) {
        return new ServiceError(429, "TooManyRequests", EXCEPTIONS + "KustoRequestThrottledException",
                "The database already has " + waiting + " changes waiting; repeat the request later.", false, Optional.empty());
    }

    static ServiceError closing() {
        return new ServiceError(503, "ServiceUnavailable", EXCEPTIONS + "KustoServiceException",
                "The cluster is stopping; repeat the request when it serves again.", false, Optional.empty());
    }

    private static ServiceError permanent(int status, String code, String type, String message) {
        return new ServiceError(status, code, EXCEPTIONS + type, message, true, Optional.empty());
    }
}
