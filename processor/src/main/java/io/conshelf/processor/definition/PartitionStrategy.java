package io.conshelf.processor.definition;

/// How messages find their partition. Expressions are in jq, about the decoded message.
public sealed interface PartitionStrategy {
    /// Messages with one key stay together.
    record Key(String expression) implements PartitionStrategy {}

    /// The expression tells the number of the partition.
    record Id(String expression) implements PartitionStrategy {}

    record RoundRobin() implements PartitionStrategy {}
}
