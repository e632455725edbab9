package io.conshelf.server;

import io.conshelf.engine.ServiceError;

/// The numeric status of an error as completion tables carry it.
record StatusCode(int number, String text, String event) {
    static StatusCode of(ServiceError error) {
        if (error.code().equals("LimitsExceeded")) {
            return new StatusCode(
                    0x80DA0003,
                    "Query result set too large (E_QUERY_RESULT_SET_TOO_LARGE). (" + 0x80DA0003 + ")",
                    "QueryLimitsExceeded");
        }
        return new StatusCode(0x80004005, error.code() + " (" + 0x80004005 + ")", "QueryError");
    }

    static boolean isCancellation(ServiceError error) {
        return error.type().endsWith("KustoRequestCancelledException") || error.code().contains("Cancel");
    }
}
