package io.conshelf.engine;

import java.util.Optional;

/// What goes wrong with update policies, in the service's words.
final class UpdatePolicyErrors {
    private static final String EXCEPTIONS = "Kusto.Data.Exceptions.";

    private UpdatePolicyErrors() {}

    static ServiceError failed(String target, String source, ServiceError reason) {
        if (reason.code().startsWith(ServiceError.UPDATE_POLICY_CODES)) {
            return reason;
        }
        return new ServiceError(400, "UpdatePolicy_UnknownError", EXCEPTIONS + "UpdatePolicyFailureException",
                "Failed to invoke update policy. Target Table = '" + target + "', Source = '" + source + "': " + reason.message(),
                false, Optional.of(new ServiceError.Inner(reason.code(), reason.type(), reason.message())));
    }

    static ServiceError schemaMismatch(String target, String problem) {
        return permanent("UpdatePolicy_QuerySchemaDoesNotMatchTableSchema",
                "Query schema does not match table schema: '" + target + "': " + problem
                        + ". Columns are matched by position");
    }

    static ServiceError tooMany(String source, int most) {
        return permanent("UpdatePolicy_BadRequest",
                "New rows of table '" + source + "' lead to more than " + most + " runs of update policies");
    }

    private static ServiceError permanent(String code, String message) {
        return new ServiceError(400, code, EXCEPTIONS + "UpdatePolicyFailureException", message, true, Optional.empty());
    }
}
