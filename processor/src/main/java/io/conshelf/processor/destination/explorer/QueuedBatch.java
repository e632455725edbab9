package io.conshelf.processor.destination.explorer;

import io.conshelf.processor.destination.DestinationException;
import io.conshelf.processor.destination.DestinationException.Lasting;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.util.Locale;

/// What a file beside the rows of a queued batch says of it: which cluster has it, and all that queueing it again needs.
///
/// @param cluster the address of its engine
record QueuedBatch(String cluster, Turn turn, StagedRows staged) {
    private static final byte VERSION = 4;
    private static final byte WITHOUT_TURN = 3;

    /// Which time it is queued. Whoever cannot look at the table learns the end by queueing it a second time, and there is no third, whoever goes on.
    enum Turn {
        FIRST,
        SECOND
    }

    String id() {
        return staged.batches().getFirst().id();
    }

    boolean isOf(String address) {
        return plain(cluster).equals(plain(address));
    }

    private static String plain(String address) {
        String lower = address.strip().toLowerCase(Locale.ROOT);
        return lower.endsWith("/") ? lower.substring(0, lower.length() - 1) : lower;
    }

    byte[] bytes() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            out.writeByte(VERSION);
            out.writeUTF(cluster);
            out.writeByte(turn.ordinal());
            out.write(staged.bytes());
        } catch (IOException impossible) {
            throw new AssertionError("memory takes all", impossible);
        }
        return bytes.toByteArray();
    }

    /// @param here the cluster of those that do not say theirs, as earlier versions wrote them
    /// @throws DestinationException where it is none, such as half of one
    static QueuedBatch of(byte[] about, String here) throws DestinationException {
        try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(about))) {
            QueuedBatch read = switch (in.readByte()) {
                case VERSION -> new QueuedBatch(in.readUTF(), turn(in.readByte()), StagedRows.of(in.readAllBytes()));
                case WITHOUT_TURN -> new QueuedBatch(in.readUTF(), Turn.FIRST, StagedRows.of(in.readAllBytes()));
                default -> new QueuedBatch(here, Turn.FIRST, StagedRows.of(about));
            };
            if (read.staged().batches().size() != 1) {
                throw new IOException("it is of " + read.staged().batches().size() + " batches");
            }
            return read;
        } catch (EOFException half) {
            throw new DestinationException(Lasting.PERMANENT, "what is kept of a queued batch cannot be read: it ends early", half);
        } catch (IOException unreadable) {
            throw new DestinationException(Lasting.PERMANENT, "what is kept of a queued batch cannot be read: " + unreadable.getMessage(), unreadable);
        }
    }

    private static Turn turn(byte written) throws IOException {
        if (written < 0 || written >= Turn.values().length) {
            throw new IOException("it was queued for the time of number " + written);
        }
        return Turn.values()[written];
    }
}
