package io.conshelf.processor.run;

import io.conshelf.processor.value.Value;
import java.time.Instant;

/// A message that is kept aside, and why.
///
/// @param stage   its id, `$input` where the message could not be decoded or partitioned
/// @param message as the stage was given it; of one that could not be decoded the envelope with the bytes as its payload
public record DeadLetter(Instant time, int partition, String stage, String code, String reason, Value message) {}
