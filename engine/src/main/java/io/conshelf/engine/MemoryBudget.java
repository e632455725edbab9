package io.conshelf.engine;

/// What a request asked to be allowed of memory.
///
/// @param resultsBefore how many of its results were begun before it was asked for: what they took is not of it
record MemoryBudget(long bytesMax, int resultsBefore) {}
