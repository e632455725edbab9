package io.conshelf.server.storage;

import java.time.Instant;

/// A message as the queue service hands it out.
///
/// @param text         opaque to the queue; the Kusto clients put base64 of JSON here
/// @param popReceipt   proves the latest receive; empty in the answer of a peek
/// @param dequeueCount how often it was received, this time included
/// @param visibleOn    when others see it (again)
public record QueueMessage(
        String id,
        String text,
        String popReceipt,
        long dequeueCount,
        Instant insertedOn,
        Instant expiresOn,
        Instant visibleOn) {}
