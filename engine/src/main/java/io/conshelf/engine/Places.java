package io.conshelf.engine;

/// Where a request gets its place, and the workload group that it is of.
record Places(String workloadGroup, Slots slots) {}
