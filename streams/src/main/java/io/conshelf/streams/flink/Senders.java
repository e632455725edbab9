package io.conshelf.streams.flink;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/// Who tells a step the times of substreams ([InBand]): for each of the branches that meet in it (`UNION`, a join of streams) the partitions of an input, or
/// all tasks of the last step with memory. Which branch somebody is in is told by how the name begins.
record Senders(List<Branch> branches) implements Serializable {
    /// Of an input nobody knows which partitions have events of a key: they count from when they have first told of it.
    private static final int AS_SEEN = 0;

    /// @param begin how the names begin
    /// @param count how many there are, or [#AS_SEEN]
    record Branch(String begin, int count) implements Serializable {
        boolean isInput() {
            return count == AS_SEEN;
        }

        /// Of a step with memory.
        List<String> tasks() {
            return IntStream.range(0, count).mapToObj(task -> begin + task).toList();
        }

        /// Whether so many are all that are waited for.
        boolean isComplete(int found) {
            return found >= Math.max(1, count);
        }
    }

    Senders {
        branches = List.copyOf(branches);
    }

    static Senders ofInput() {
        return new Senders(List.of(new Branch("", AS_SEEN)));
    }

    static Senders ofTasks(int count) {
        return new Senders(List.of(new Branch("", count)));
    }

    /// Of several branches that meet, each by its number.
    static Senders together(List<Senders> all) {
        List<Branch> branches = new ArrayList<>();
        for (int number = 0; number < all.size(); number++) {
            for (Branch branch : all.get(number).branches) {
                branches.add(new Branch(named(number, branch.begin), branch.count));
            }
        }
        return new Senders(branches);
    }

    /// As who is known behind where branches meet.
    static String named(int branch, String sender) {
        return branch + ":" + sender;
    }

    int branch(String sender) {
        for (int i = 0; i < branches.size(); i++) {
            if (sender.startsWith(branches.get(i).begin)) {
                return i;
            }
        }
        throw new IllegalStateException("'" + sender + "' is in none of the branches " + branches);
    }
}
