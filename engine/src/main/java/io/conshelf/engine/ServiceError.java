package io.conshelf.engine;

import java.util.Optional;

/// An error in the service's terms.
///
/// @param httpStatus  what the front door answers when nothing was sent yet
/// @param code        `General_BadRequest`, `BadRequest_EntityNotFound` …
/// @param type        the exception's type name: `Kusto.Data.Exceptions.KustoBadRequestException`
/// @param message     the whole text: what was found, where, and what would work
/// @param isPermanent repeating the request cannot help
/// @param inner       the finer error inside, such as `SEM0100`
public record ServiceError(
        int httpStatus, String code, String type, String message, boolean isPermanent, Optional<Inner> inner) {

    /// What the codes of failing update policies begin with.
    public static final String UPDATE_POLICY_CODES = "UpdatePolicy_";

    public record Inner(String code, String type, String message) {}
}
