package io.conshelf.server;

import io.conshelf.engine.KustoException;
import io.conshelf.engine.ServiceError;
import java.util.Optional;

/// Every error that the front door itself raises. What the engine refuses comes with its own [ServiceError].
final class Refusals {
    private Refusals() {}

    static KustoException badRequest(String what) {
        return of(400, "General_BadRequest", "Kusto.Data.Exceptions.KustoBadRequestException", invalid(what), true);
    }

    static KustoException badRequest(String what, Throwable cause) {
        return new KustoException(
                new ServiceError(
                        400,
                        "General_BadRequest",
                        "Kusto.Data.Exceptions.KustoBadRequestException",
                        invalid(what),
                        true,
                        Optional.empty()),
                cause);
    }

    /// Where such a body ends nobody can tell.
    static KustoException badChunk(RuntimeException cause) {
        return badRequest("the body's chunks (Transfer-Encoding) do not begin with their sizes, or end where those say", cause);
    }

    /// Text that the endpoint's language does not have.
    static KustoException syntax(String what) {
        return new KustoException(new ServiceError(
                400,
                "General_BadRequest",
                "Kusto.Data.Exceptions.KustoBadRequestException",
                invalid("Syntax error: SYN0002: " + what),
                true,
                Optional.of(new ServiceError.Inner("SYN0002", "Kusto.Data.Exceptions.SyntaxException", what))));
    }

    static KustoException commandAtQueryEndpoint(String version) {
        return badRequest("Control commands (starting with a dot '.') do not support api_version=" + version
                + "; send them to /v1/rest/mgmt");
    }

    static KustoException queryAtCommandEndpoint() {
        return syntax("A management command starts with a dot '.'; send queries to /v2/rest/query");
    }

    static KustoException tooLarge(String what, long bytesMax) {
        return of(
                413,
                "PayloadTooLarge",
                "Kusto.Data.Exceptions.KustoRequestPayloadTooLargeException",
                what + " is larger than the " + bytesMax + " bytes allowed",
                true);
    }

    static KustoException notFound(String method, String path) {
        return of(
                404,
                "NotFound",
                "Kusto.Data.Exceptions.KustoServiceException",
                "Nothing is served at '" + method + " " + path + "'",
                true);
    }

    static KustoException wrongMethod(String method, String path, String allowed) {
        return of(
                405,
                "MethodNotAllowed",
                "Kusto.Data.Exceptions.KustoBadRequestException",
                "'" + path + "' answers " + allowed + ", not " + method,
                true);
    }

    static KustoException foreignHost(String host) {
        return of(
                403,
                "Forbidden",
                "Kusto.Data.Exceptions.KustoRequestDeniedException",
                "The request names the host '" + host + "', which this server does not go by; add it to 'hostNames'"
                        + " of the configuration, or start with --host-name, if it should",
                true);
    }

    static KustoException foreignOrigin(String origin) {
        return of(
                403,
                "Forbidden",
                "Kusto.Data.Exceptions.KustoRequestDeniedException",
                "The request comes from a page of '" + origin + "', which is none of this server's own; list it under 'origins' of the"
                        + " configuration, as scheme, host and port, if it is one behind a proxy",
                true);
    }

    static KustoException unauthorized(String what) {
        return of(
                401,
                "Unauthorized",
                "Kusto.Data.Exceptions.KustoRequestDeniedException",
                "The request is not authenticated: " + what,
                true);
    }

    static KustoException noSignIn() {
        return of(
                404,
                "NotFound",
                "Kusto.Data.Exceptions.KustoServiceException",
                "Nobody signs in here: this server was started with `--auth none`",
                true);
    }

    static KustoException streamingIsOff() {
        return of(400, "BadRequest_StreamingIngestionPolicyNotEnabled", "Kusto.DataNode.Exceptions.StreamingIngestionRequestException",
                "Bad streaming ingestion request: streaming ingestion is disabled for the cluster. Enable it with 'enableStreamingIngest' of the"
                        + " cluster's resource (Microsoft.Kusto/clusters).", true);
    }

    static KustoException clientGone(Throwable cause) {
        return new KustoException(
                new ServiceError(
                        400,
                        "General_BadRequest",
                        "Kusto.Data.Exceptions.KustoBadRequestException",
                        "The connection ended before the request body did",
                        false,
                        Optional.empty()),
                cause);
    }

    static KustoException tooManyConnections() {
        return of(
                429,
                "TooManyRequests",
                "Kusto.Data.Exceptions.KustoRequestThrottledException",
                "The server is answering as many requests as it may; try again",
                false);
    }

    static KustoException tooManyOfAddress(String address, int perMinute) {
        return of(
                429,
                "TooManyRequests",
                "Kusto.Data.Exceptions.KustoRequestThrottledException",
                "The request was denied due to exceeding the limit of requests of one address that sign in, or that are of nobody who is known."
                        + " Retrying after some backoff might help. Address: '" + address + "', Limit: " + perMinute + " a minute.",
                false);
    }

    /// What the server's own storage has no room for now.
    static ServiceError noRoom(String message) {
        return new ServiceError(503, "ServiceUnavailable", "Kusto.Data.Exceptions.KustoServiceException", message, false, Optional.empty());
    }

    /// @param most in words
    static KustoException tooManyOfPrincipal(String principal, String most) {
        return of(
                429,
                "TooManyRequests",
                "Kusto.Data.Exceptions.KustoRequestThrottledException",
                "The request was denied due to exceeding the limit of requests of one principal. Retrying after some backoff might help. Principal: '"
                        + principal + "', Limit: " + most + ".",
                false);
    }

    /// What is answered when our own code fails: no detail of it leaves the process.
    static ServiceError internal(String activityId) {
        return new ServiceError(
                500,
                "General_InternalServerError",
                "Kusto.Data.Exceptions.KustoServiceException",
                "The server failed to process the request; its log has the details under activity " + activityId,
                false,
                Optional.empty());
    }

    private static String invalid(String what) {
        return "Request is invalid and cannot be processed: " + what;
    }

    private static KustoException of(int status, String code, String type, String message, boolean isPermanent) {
        return new KustoException(new ServiceError(status, code, type, message, isPermanent, Optional.empty()));
    }
}
