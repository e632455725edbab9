package io.conshelf.processor.secret;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Pattern;

/// A folder with a file for each secret, as a cluster mounts them: the file's name is the secret's, its content the secret. A line end behind it does not belong
/// to it.
public record SecretFolder(Path folder) implements Secrets {
    private static final int BYTES_MAX = 64 << 10;
    /// What Key Vault and Kubernetes allow. No name leads out of the folder.
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_-][A-Za-z0-9._-]{0,252}");

    @Override
    public Optional<String> find(String name) {
        Path file = folder.resolve(NAME.matcher(name).matches() ? name : ".");
        if (!Files.isRegularFile(file)) {
            return Optional.empty();
        }
        try (InputStream in = Files.newInputStream(file)) {
            byte[] content = in.readNBytes(BYTES_MAX + 1);
            return content.length > BYTES_MAX ? Optional.empty() : Optional.of(new String(content, StandardCharsets.UTF_8).replaceFirst("\\r?\\n\\z", ""));
        } catch (IOException gone) {
            return Optional.empty();
        }
    }
}
