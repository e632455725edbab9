package io.conshelf.server.backup;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.conshelf.engine.store.Storage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;

/// What a backup holds.
///
/// @param databaseFormat    no database's file has a newer one
/// @param systemStoreFormat of the system store
public record BackupManifest(Instant createdOn, int databaseFormat, int systemStoreFormat, List<Entry> files) {
    static final String FILE = "backup.json";
    /// Of this file and of the way the others lie beside it.
    private static final int FORMAT = 1;
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int BUFFER_BYTES = 1 << 18;

    public BackupManifest {
        files = List.copyOf(files);
    }

    /// @param path   below the backup's folder, with slashes
    /// @param sha256 in hexadecimal
    public record Entry(String path, long bytes, String sha256) {}

    public long bytes() {
        return files.stream().mapToLong(Entry::bytes).sum();
    }

    /// Takes down what is in a folder, and sees that it is on the disk.
    static BackupManifest write(Path folder, Instant createdOn) throws IOException {
        var entries = new ArrayList<Entry>();
        for (Path file : filesBelow(folder)) {
            KeptFiles.keep(file);
            entries.add(new Entry(relative(folder, file), Files.size(file), sha256(file)));
        }
        KeptFiles.keepNames(folder);
        var manifest = new BackupManifest(createdOn, Storage.databaseFormat(), Storage.systemStoreFormat(), entries);
        Path file = folder.resolve(FILE);
        Files.write(file, JSON.writerWithDefaultPrettyPrinter().writeValueAsBytes(manifest.toJson()), StandardOpenOption.CREATE_NEW);
        KeptFiles.keep(file);
        // Last, and after all the others: by this name it is a backup.
        KeptFiles.keepNames(folder);
        return manifest;
    }

    /// The manifest of a backup of which every file is as it was written and of a format that this release reads.
    static BackupManifest verified(Path folder) throws IOException, BackupException {
        BackupManifest manifest = read(folder);
        if (manifest.databaseFormat > Storage.databaseFormat() || manifest.systemStoreFormat > Storage.systemStoreFormat()) {
            throw new BackupException("The backup in '" + folder + "' was written by a newer release: its databases have format "
                    + manifest.databaseFormat + " and its system store " + manifest.systemStoreFormat + ", this release reads up to "
                    + Storage.databaseFormat() + " and " + Storage.systemStoreFormat() + ". Restore it with that release.");
        }
        for (Entry entry : manifest.files) {
            Path file = folder.resolve(entry.path()).normalize();
            if (!file.startsWith(folder.normalize()) || !Files.isRegularFile(file)) {
                throw new BackupException("The backup in '" + folder + "' lacks the file '" + entry.path() + "'. Use another backup.");
            }
            if (Files.size(file) != entry.bytes() || !sha256(file).equals(entry.sha256())) {
                throw new BackupException("The file '" + file + "' of the backup is not as it was written: its length or its checksum"
                        + " differs. Use another backup.");
            }
        }
        return manifest;
    }

    private static BackupManifest read(Path folder) throws IOException, BackupException {
        Path file = folder.resolve(FILE);
        if (!Files.isRegularFile(file)) {
            throw new BackupException("There is no complete backup in '" + folder + "': '" + FILE
                    + "', which is written last, is not there. Name the folder of a backup.");
        }
        try {
            JsonNode json = JSON.readTree(Files.readAllBytes(file));
            int format = json.path("format").asInt();
            if (format != FORMAT) {
                throw new BackupException("The backup in '" + folder + "' has the format " + format + ", this release reads " + FORMAT
                        + ". Restore it with the release that wrote it.");
            }
            var entries = new ArrayList<Entry>();
            for (JsonNode entry : json.path("files")) {
                entries.add(new Entry(
                        entry.path("path").asText(), entry.path("bytes").asLong(), entry.path("sha256").asText()));
            }
            return new BackupManifest(
                    Instant.parse(json.path("createdOn").asText()), json.path("databaseFormat").asInt(),
                    json.path("systemStoreFormat").asInt(), entries);
        } catch (JsonProcessingException | java.time.DateTimeException e) {
            throw new BackupException("'" + file + "' cannot be read: " + e.getMessage() + ". Use another backup.", e);
        }
    }

    private ObjectNode toJson() {
        ObjectNode json = JSON.createObjectNode();
        json.put("format", FORMAT).put("createdOn", createdOn.toString()).put("databaseFormat", databaseFormat)
                .put("systemStoreFormat", systemStoreFormat);
        var list = json.putArray("files");
        files.forEach(entry -> list.addObject().put("path", entry.path()).put("bytes", entry.bytes()).put("sha256", entry.sha256()));
        return json;
    }

    static List<Path> filesBelow(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            return files.filter(Files::isRegularFile).sorted().toList();
        }
    }

    private static String relative(Path folder, Path file) {
        return folder.relativize(file).toString().replace('\\', '/');
    }

    private static String sha256(Path file) throws IOException {
        try (var in = new DigestInputStream(Files.newInputStream(file), MessageDigest.getInstance("SHA-256"))) {
            byte[] buffer = new byte[BUFFER_BYTES];
            while (in.read(buffer) >= 0) {
                continue;
            }
            return HexFormat.of().formatHex(in.getMessageDigest().digest());
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every Java has SHA-256", e);
        }
    }
}
