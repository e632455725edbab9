package io.conshelf.connectors.azure;

import com.azure.core.exception.ClientAuthenticationException;
import com.azure.core.exception.HttpResponseException;
import io.conshelf.connectors.StoreException;
import io.conshelf.connectors.StoreException.Fault;

/// Turns the exceptions of the Azure clients into ours. Nothing of a request's address or headers is told: signatures stand there.
public final class AzureFailure {
    private static final int TOO_MANY = 429;
    private static final int SERVER_ERROR = 500;

    private AzureFailure() {}

    /// @param what what was tried, as the beginning of a sentence
    /// @param code the code where the service gave none
    public static StoreException of(String what, String code, Throwable thrown) {
        for (Throwable cause = thrown; cause != null; cause = cause.getCause()) {
            if (cause instanceof InterruptedException) {
                Thread.currentThread().interrupt();
                return new StoreException("OperationCancelled", Fault.USER, what + " was cancelled", thrown);
            }
            if (cause instanceof ClientAuthenticationException) {
                return new StoreException("UserErrorAuthenticationFailed", Fault.USER, what + " failed: " + firstLine(cause.getMessage()), thrown);
            }
            if (cause instanceof HttpResponseException answered && answered.getResponse() != null) {
                int status = answered.getResponse().getStatusCode();
                Fault fault = status >= SERVER_ERROR || status == TOO_MANY ? Fault.SYSTEM : Fault.USER;
                return new StoreException(code, fault, what + " failed with HTTP status " + status + ": " + firstLine(cause.getMessage()), thrown);
            }
        }
        Throwable deepest = thrown;
        while (deepest.getCause() != null && deepest.getCause() != deepest) {
            deepest = deepest.getCause();
        }
        return StoreException.system(code, what + " failed: " + firstLine(deepest.getMessage()), thrown);
    }

    /// The first line of a message, without what could be a signature in it.
    public static String firstLine(String message) {
        String line = String.valueOf(message).lines().findFirst().orElse("");
        return line.replaceAll("(?i)(sig|code|token|client_secret|client_assertion)=[^&\\s\"']+", "$1=***");
    }
}
