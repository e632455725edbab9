package io.conshelf.processor.definition;

import io.conshelf.processor.path.Path;
import java.time.Duration;

/// How a destination gathers messages.
///
/// @param path where the record is in a message
public record Batch(Duration time, Path path) {}
