package io.conshelf.streams.run;

import io.conshelf.streams.input.DataError;
import java.io.Serializable;
import java.time.Instant;

/// Errors of one cause, as the log of a job tells them: an example, when they came, and how many.
public record Diagnosed(DataError example, Instant first, Instant last, long count) implements Serializable {}
