package io.conshelf.cli.bench.jobs;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/// Made-up readings of devices and commands to them, as lines of JSON in files: a file a partition, each in the order of its time, and every device in one.
public final class ReadingFiles {
    static final int PARTITIONS = 2;
    private static final int DEVICES = 1_000;
    private static final Instant BEGIN = Instant.parse("2024-01-01T00:00:00Z");
    private static final int READING_MS = 2;

    private final Path folder;
    private final int readings;

    private ReadingFiles(Path folder, int readings) {
        this.folder = folder;
        this.readings = readings;
    }

    /// @param readings how many there are; of commands there are a tenth as many
    static ReadingFiles write(Path folder, int readings) throws IOException {
        ReadingFiles files = new ReadingFiles(folder, readings);
        for (int partition = 0; partition < PARTITIONS; partition++) {
            SplittableRandom random = new SplittableRandom(partition);
            try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(files.readings(partition)), 1 << 20);
                    OutputStream commands = new BufferedOutputStream(Files.newOutputStream(files.commands(partition)), 1 << 20)) {
                for (int i = partition; i < readings; i += PARTITIONS) {
                    String device = "device-" + (random.nextInt(DEVICES / PARTITIONS) * PARTITIONS + partition);
                    String time = time(i);
                    out.write("{\"deviceId\":\"%s\",\"time\":\"%s\",\"temperature\":%d.%d,\"humidity\":%d,\"status\":\"%s\"}\n".formatted(device, time,
                            random.nextInt(15, 40), random.nextInt(1, 10), random.nextInt(100), random.nextInt(4) == 0 ? "warm" : "ok")
                            .getBytes(StandardCharsets.UTF_8));
                    if (random.nextInt(10) == 0) {
                        commands.write("{\"deviceId\":\"%s\",\"time\":\"%s\",\"command\":\"c%d\"}\n".formatted(device, time, random.nextInt(5))
                                .getBytes(StandardCharsets.UTF_8));
                    }
                }
            }
        }
        return files;
    }

    private static String time(int index) {
        String text = BEGIN.plusMillis((long) index * READING_MS).toString();
        return text.length() == 20 ? text.substring(0, 19) + ".000Z" : text;
    }

    int count() {
        return readings;
    }

    Path readings(int partition) {
        return folder.resolve("readings-" + partition + ".json");
    }

    Path commands(int partition) {
        return folder.resolve("commands-" + partition + ".json");
    }

    List<String> readings() {
        return paths("readings-");
    }

    List<String> commands() {
        return paths("commands-");
    }

    private List<String> paths(String prefix) {
        List<String> paths = new ArrayList<>();
        for (int partition = 0; partition < PARTITIONS; partition++) {
            paths.add(folder.resolve(prefix + partition + ".json").toString());
        }
        return paths;
    }
}
