package io.conshelf.processor.run;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/// What a pipeline is and was, beside its checkpoints: a window that is open, or rows on their way, can only be brought to an end as what they were begun.
final class KeptDefinitions {
    private static final String PREFIX = "definition-";
    private static final String SUFFIX = ".json";

    private final Path folder;
    private final Map<String, Optional<Parts.Before>> made = new HashMap<>();
    private final Set<String> needed = new HashSet<>();

    KeptDefinitions(Path folder) {
        this.folder = folder;
    }

    private Path file(String name) {
        return folder.resolve(PREFIX + name + SUFFIX);
    }

    /// @return its name
    String keep(String definition) throws IOException {
        byte[] text = definition.getBytes(StandardCharsets.UTF_8);
        String name = UUID.nameUUIDFromBytes(text).toString();
        needed.add(name);
        if (!Files.exists(file(name))) {
            Path fresh = folder.resolve(PREFIX + name + ".new");
            Files.deleteIfExists(fresh);
            try (FileChannel channel = FileChannel.open(fresh, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
                ownersOnly(fresh);
                ByteBuffer left = ByteBuffer.wrap(text);
                while (left.hasRemaining()) {
                    channel.write(left);
                }
                channel.force(true);
            }
            Files.move(fresh, file(name), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        }
        return name;
    }

    // names of secrets are in it, and what an author may have written in their place
    private static void ownersOnly(Path file) throws IOException {
        if (Files.getFileStore(file).supportsFileAttributeView("posix")) {
            Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
        }
    }

    /// What the pipeline was when it left what the parts that it has now cannot go on with.
    Optional<Parts.Before> before(Checkpoint latest, Parts now) throws IOException {
        String name = latest.definition();
        if (latest.isFree()) {
            return Optional.empty();
        }
        needed.add(name);
        Optional<Parts.Before> known = made.get(name);
        if (known == null) {
            try {
                known = now.before(Files.readString(file(name)));
            } catch (IOException lost) {
                throw new IOException("The pipeline '%s' was changed, and what it had gathered before cannot be brought to its end: %s. Start it as it was, or take %s away"
                        .formatted(now.name(), lost.getMessage(), folder), lost);
            }
            made.put(name, known);
        }
        return known;
    }

    /// Deletes what nothing depends on.
    void forgetOthers() throws IOException {
        try (DirectoryStream<Path> kept = Files.newDirectoryStream(folder, PREFIX + "*")) {
            for (Path file : kept) {
                String name = file.getFileName().toString();
                if (!needed.contains(name.substring(PREFIX.length()).replace(SUFFIX, ""))) {
                    Files.deleteIfExists(file);
                }
            }
        }
    }
}
