package io.conshelf.streams.output;

import java.util.List;
import java.util.OptionalLong;

/// What writers that hold rows back have in common: what they hold.
abstract class HoldingWriter implements EventTarget.Holding {
    final HeldRows rows;

    HoldingWriter(HeldRows rows) {
        this.rows = rows;
    }

    @Override
    public final List<byte[]> held() {
        return rows.held();
    }

    @Override
    public final void takeUp(byte[] held) throws OutputException {
        rows.takeUp(held);
    }

    @Override
    public final OptionalLong heldFrom() {
        return rows.from();
    }

    @Override
    public final void passed(long ticks) {
        rows.passed(ticks);
    }

    @Override
    public final void letGo() {
        rows.letGo();
    }
}
