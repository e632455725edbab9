package io.conshelf.streams.run;

import java.time.Instant;

/// Events or rows of one kind of trouble.
///
/// @param source  the input or output
/// @param type    as the service calls it, such as `InputDeserializerError.InvalidData`
/// @param message of the newest
/// @param example the newest event, cut; no secrets are expected in events, but none of the job are in it
public record DataError(String source, String type, String message, String example, long count, Instant from, Instant to) {}
