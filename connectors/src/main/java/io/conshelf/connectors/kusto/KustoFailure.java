package io.conshelf.connectors.kusto;

import com.microsoft.azure.kusto.data.exceptions.DataServiceException;
import com.microsoft.azure.kusto.data.exceptions.DataWebException;
import com.microsoft.azure.kusto.data.exceptions.OneApiError;
import io.conshelf.connectors.StoreException;
import io.conshelf.connectors.StoreException.Fault;
import java.util.Optional;

/// Turns the client's exceptions into ours: the service's code and sentence, and whose fault it is.
final class KustoFailure {
    private KustoFailure() {}

    static StoreException of(String what, Throwable thrown) {
        for (Throwable cause = thrown; cause != null; cause = cause.getCause()) {
            if (cause instanceof InterruptedException) {
                Thread.currentThread().interrupt();
                return new StoreException("OperationCancelled", Fault.USER, what + " was cancelled", thrown);
            }
        }
        if (Thread.currentThread().isInterrupted()) {
            return new StoreException("OperationCancelled", Fault.USER, what + " was cancelled", thrown);
        }
        Optional<OneApiError> answer = answer(thrown);
        if (answer.isPresent()) {
            OneApiError error = answer.get();
            String sentence = error.getDescription() == null || error.getDescription().isBlank() ? error.getMessage() : error.getDescription();
            return new StoreException(error.getCode(), error.isPermanent() ? Fault.USER : Fault.SYSTEM, what + " failed: " + sentence, thrown);
        }
        Fault fault = thrown instanceof DataServiceException service && service.isPermanent() ? Fault.USER : Fault.SYSTEM;
        return new StoreException("KustoRequestFailed", fault, what + " failed: " + firstLine(thrown), thrown);
    }

    private static Optional<OneApiError> answer(Throwable thrown) {
        for (Throwable cause = thrown; cause != null; cause = cause.getCause()) {
            if (cause instanceof DataWebException web) {
                OneApiError error = web.getApiError();
                if (error != null && error.getCode() != null) {
                    return Optional.of(error);
                }
            }
        }
        return Optional.empty();
    }

    private static String firstLine(Throwable thrown) {
        Throwable deepest = thrown;
        while (deepest.getCause() != null && deepest.getCause() != deepest) {
            deepest = deepest.getCause();
        }
        String outer = String.valueOf(thrown.getMessage()).lines().findFirst().orElse("");
        String inner = String.valueOf(deepest.getMessage()).lines().findFirst().orElse("");
        return outer.contains(inner) ? outer : outer + " (" + inner + ")";
    }
}
