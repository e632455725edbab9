package io.conshelf.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class UnsignedLibrariesTest {
    @TempDir
    Path folder;

    @Test
    void aSignedJarKeepsAllButItsSignature() throws IOException {
        Path jar = jar("signed.jar", "META-INF/MANIFEST.MF", "META-INF/CLIENT.SF", "META-INF/CLIENT.RSA", "META-INF/services/a.Service", "a/Service.class");
        UnsignedLibraries.unsign(folder);
        assertThat(contents(jar)).containsExactly("META-INF/MANIFEST.MF", "META-INF/services/a.Service", "a/Service.class");
        try (var files = Files.list(folder)) {
            assertThat(files).containsExactly(jar);
        }
    }

    @Test
    void aJarWithoutSignatureIsLeftAsItIs() throws IOException {
        Path jar = jar("plain.jar", "META-INF/MANIFEST.MF", "a/META-INF/NOTES.SF");
        byte[] before = Files.readAllBytes(jar);
        UnsignedLibraries.unsign(folder);
        assertThat(jar).hasBinaryContent(before);
    }

    private Path jar(String name, String... entries) throws IOException {
        Path jar = folder.resolve(name);
        try (var zip = new ZipOutputStream(Files.newOutputStream(jar))) {
            for (String entry : entries) {
                zip.putNextEntry(new ZipEntry(entry));
                zip.write(entry.getBytes(StandardCharsets.UTF_8));
            }
        }
        return jar;
    }

    /// The names of the entries, each of which says its name.
    private static List<String> contents(Path jar) throws IOException {
        var names = new ArrayList<String>();
        try (var zip = new ZipFile(jar.toFile())) {
            for (ZipEntry entry : zip.stream().toList()) {
                try (var content = zip.getInputStream(entry)) {
                    assertThat(new String(content.readAllBytes(), StandardCharsets.UTF_8)).isEqualTo(entry.getName());
                }
                names.add(entry.getName());
            }
        }
        return names;
    }
}
