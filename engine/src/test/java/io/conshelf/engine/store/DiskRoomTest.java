package io.conshelf.engine.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.attribute.FileAttributeView;
import java.nio.file.attribute.FileStoreAttributeView;
import java.sql.SQLException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class DiskRoomTest {
    private static final long MEGABYTE = 1L << 20;
    private static final long KEPT = 64 * MEGABYTE;

    private final Disk disk = new Disk();
    private DiskRoom room;

    private static final class Disk extends FileStore {
        private long free = 512 * MEGABYTE;

        @Override
        public String name() {
            return "disk";
        }

        @Override
        public String type() {
            return "disk";
        }

        @Override
        public boolean isReadOnly() {
            return false;
        }

        @Override
        public long getTotalSpace() {
            return 1024 * MEGABYTE;
        }

        @Override
        public long getUsableSpace() {
            return free;
        }

        @Override
        public long getUnallocatedSpace() {
            return free;
        }

        @Override
        public boolean supportsFileAttributeView(Class<? extends FileAttributeView> type) {
            return false;
        }

        @Override
        public boolean supportsFileAttributeView(String name) {
            return false;
        }

        @Override
        public <V extends FileStoreAttributeView> V getFileStoreAttributeView(Class<V> type) {
            throw new UnsupportedOperationException();
        }

        @Override
        public Object getAttribute(String attribute) {
            throw new UnsupportedOperationException(attribute);
        }
    }

    @BeforeEach
    void open() throws IOException {
        room = DiskRoom.of(disk);
    }

    private void isFree(long bytes) {
        disk.free = bytes;
        assertThat(room.isFilledBeyond(bytes)).as("it has looked").isFalse();
    }

    @Test
    void aStatementGoesSomeWayBelowWhatIsKept() {
        isFree(KEPT);
        assertThat(room.leastFree()).isEqualTo(KEPT / 8 * 5);
        isFree(KEPT / 2);
        assertThat(room.leastFree()).isEqualTo(KEPT / 8 * 3);
    }

    @Test
    void oneStatementAfterAnotherDoesNotFillTheDisk() {
        isFree(KEPT / 2);
        for (int statement = 0; statement < 10; statement++) {
            isFree(room.leastFree());
        }
        assertThat(disk.free).isEqualTo(KEPT / 8 * 3);
    }

    @Test
    void rowsForFreeBlocksNeedRoomOnTheDiskUntilTheyAreThere() {
        isFree(KEPT / 2 + 8 * MEGABYTE);
        assertThat(room.hasRoom()).isFalse();
        assertThat(room.hasRoomWith(KEPT, 0)).isTrue();
        assertThat(room.hasRoomWith(KEPT - 1, 0)).isFalse();
        assertThat(room.hasRoomWith(KEPT + 8 * MEGABYTE, 8 * MEGABYTE)).isTrue();
        assertThat(room.hasRoomWith(KEPT + 8 * MEGABYTE - 1, 8 * MEGABYTE)).as("the blocks are too few").isFalse();
        assertThat(room.hasRoomWith(2 * KEPT, 8 * MEGABYTE + 1)).as("the log would take what is kept").isFalse();
    }

    @Test
    void noCheckpointMakesRoomForRowsThatItLeavesUnsealed() {
        isFree(KEPT / 2);
        assertThat(room.hasRoomAfterCheckpoint(2 * KEPT, 8 * MEGABYTE, 0)).isTrue();
        assertThat(room.hasRoomAfterCheckpoint(2 * KEPT, 8 * MEGABYTE, 8 * MEGABYTE)).isTrue();
        assertThat(room.hasRoomAfterCheckpoint(2 * KEPT, 8 * MEGABYTE, 8 * MEGABYTE + 1)).isFalse();
        assertThat(room.hasRoomAfterCheckpoint(KEPT + 8 * MEGABYTE, 8 * MEGABYTE, 0)).isTrue();
        assertThat(room.hasRoomAfterCheckpoint(KEPT + 8 * MEGABYTE, 8 * MEGABYTE, 1)).as("the blocks are too few").isFalse();
    }

    @Test
    void rowsAreSealedIntoWhatIsKept() {
        isFree(8 * MEGABYTE);
        assertThat(room.hasRoomToSeal(8 * MEGABYTE, 8 * MEGABYTE)).isTrue();
        assertThat(room.hasRoomToSeal(KEPT, 8 * MEGABYTE + 1)).as("on their way").isFalse();
        assertThat(room.hasRoomToSeal(8 * MEGABYTE - 1, 8 * MEGABYTE)).as("in the file").isFalse();
        assertThat(room.hasRoomToSeal(0, 4 * MEGABYTE)).isTrue();
        assertThat(room.hasRoomToSeal(0, 4 * MEGABYTE + 1)).isFalse();
    }

    @Test
    void memoryThatIsShortIsTheDisksFaultWhereItIsFull() {
        var failure = new SQLException("Out of Memory Error: could not allocate block of size 256.0 KiB (127.9 MiB/128.0 MiB used)");
        assertThat(room.ofMemory(failure)).isEmpty();
        disk.free = KEPT - 1;
        assertThat(room.ofMemory(failure)).hasValueSatisfying(error -> {
            assertThat(error.code()).isEqualTo(DiskTrouble.CODE);
            assertThat(error.message()).contains("The disk is full", (KEPT - 1) + " bytes are free", "Nothing of the request was kept");
        });
        assertThat(room.ofMemory(new SQLException("Conversion Error: no number"))).isEmpty();
        assertThat(DiskRoom.inMemory().ofMemory(failure)).isEmpty();
    }
}
