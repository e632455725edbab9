package io.conshelf.processor.stage;

import io.conshelf.processor.definition.PartitionStrategy;
import io.conshelf.processor.value.Value;

/// How messages find their partition. Belongs to one thread.
public final class Partitioner {
    static final int KEY_CHARACTERS_MAX = 128;

    private final PartitionStrategy strategy;
    private final Expression expression;
    private final int partitions;
    private int turn;

    /// @param expression of the strategy; of [PartitionStrategy.RoundRobin] it is not asked
    Partitioner(PartitionStrategy strategy, Expression expression, int partitions) {
        this.strategy = strategy;
        this.expression = expression;
        this.partitions = partitions;
    }

    /// @param content the message before it has a partition
    public Message.Partition of(Value content) throws StageException {
        return switch (strategy) {
            case PartitionStrategy.Key _ -> byKey(expression.result(content));
            case PartitionStrategy.Id _ -> byNumber(expression.result(content));
            case PartitionStrategy.RoundRobin _ -> {
                Message.Partition next = new Message.Partition(turn, String.valueOf(turn));
                turn = (turn + 1) % partitions;
                yield next;
            }
        };
    }

    /// Whether messages are told the key they are partitioned by.
    public boolean tellsKey() {
        return strategy instanceof PartitionStrategy.Key;
    }

    private Message.Partition byKey(Value result) throws StageException {
        if (!(result instanceof Value.Text(String key))) {
            throw new StageException("InvalidPartition", "The partition key is to be a text");
        }
        if (key.codePointCount(0, key.length()) > KEY_CHARACTERS_MAX) {
            throw new StageException("InvalidPartition", "A partition key has at most " + KEY_CHARACTERS_MAX + " characters, and this one has " + key.codePointCount(0, key.length()));
        }
        // the same in every version: what a partition remembers of a key lies in its own checkpoint
        int hash = key.hashCode() * 0x9E3779B9;
        return new Message.Partition(Math.floorMod(hash ^ hash >>> 16, partitions), key);
    }

    private Message.Partition byNumber(Value result) throws StageException {
        long number = switch (result) {
            case Value.Whole(long whole) -> whole;
            case Value.Real(double real) when real == Math.rint(real) && Math.abs(real) < 1e9 -> (long) real;
            case Value.Null _, Value.Truth _, Value.Large _, Value.Real _, Value.Text _, Value.Binary _, Value.Items _, Value.Members _ ->
                throw new StageException("InvalidPartition", "The number of the partition is to be a whole number");
        };
        if (number < 0 || number >= partitions) {
            throw new StageException("InvalidPartition", "There is no partition " + number + "; they have the numbers 0 to " + (partitions - 1));
        }
        return new Message.Partition((int) number, String.valueOf(number));
    }
}
