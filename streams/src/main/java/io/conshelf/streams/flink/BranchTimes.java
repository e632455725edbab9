package io.conshelf.streams.flink;

import io.conshelf.streams.flink.Substream.Told;
import io.conshelf.streams.value.BinaryValues;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// What the senders of all branches have told together, where some may be over.
final class BranchTimes {
    private final Senders senders;
    /// Of whom nothing comes any more.
    private final Set<String> over = new LinkedHashSet<>();

    BranchTimes(Senders senders) {
        this.senders = senders;
    }

    /// Nothing comes from the sender any more.
    ///
    /// @return whether that is news
    boolean over(String sender) {
        return over.add(sender);
    }

    /// An input that ends has one part where its keys have their own times.
    private boolean isOver(int branch) {
        return !over.isEmpty() && senders.branches().get(branch).isComplete((int) over.stream().filter(sender -> senders.branch(sender) == branch).count());
    }

    /// The least time of a substream that is told: none where a branch has told nothing of it, `Long.MAX_VALUE` where all are over.
    ///
    /// @param told by sender
    long least(Map<String, Told> told) {
        List<Senders.Branch> branches = senders.branches();
        int[] found = new int[branches.size()];
        long least = Long.MAX_VALUE;
        for (Map.Entry<String, Told> one : told.entrySet()) {
            int branch = senders.branch(one.getKey());
            if (!isOver(branch)) {
                found[branch]++;
                least = Math.min(least, one.getValue().time());
            }
        }
        for (int branch = 0; branch < found.length; branch++) {
            if (!isOver(branch) && !branches.get(branch).isComplete(found[branch])) {
                return Long.MIN_VALUE;
            }
        }
        return least;
    }

    /// The least time of those who have told one by events that arrived since; `Long.MAX_VALUE` where there are none.
    long leastSince(long arrival, Map<String, Told> told) {
        long least = Long.MAX_VALUE;
        for (Map.Entry<String, Told> one : told.entrySet()) {
            if (one.getValue().arrival() > arrival && !isOver(senders.branch(one.getKey()))) {
                least = Math.min(least, one.getValue().time());
            }
        }
        return least;
    }

    /// What checkpoints hold: tasks of a step are other ones where there are more afterwards, and all tell their times again.
    Map<String, Told> ofInputs(Map<String, Told> told) {
        Map<String, Told> times = new LinkedHashMap<>(told);
        times.keySet().removeIf(sender -> !isInput(sender));
        return times;
    }

    private boolean isInput(String sender) {
        return senders.branches().get(senders.branch(sender)).isInput();
    }

    /// The inputs that are over, and the tasks of a branch that is over as a whole: it is not made again, and nobody would tell it. Where some of its tasks go
    /// on, all of them do.
    void write(DataOutputStream out) throws IOException {
        List<String> kept = over.stream().filter(sender -> isInput(sender) || isOver(senders.branch(sender))).toList();
        BinaryValues.writeCount(kept.size(), out);
        for (String sender : kept) {
            out.writeUTF(sender);
        }
    }

    void read(DataInputStream in) throws IOException {
        for (int count = BinaryValues.readCount(in); count > 0; count--) {
            String sender = in.readUTF();
            over.add(sender);
            if (!isInput(sender)) {
                // there may be more tasks now
                over.addAll(senders.branches().get(senders.branch(sender)).tasks());
            }
        }
    }
}
