package io.conshelf.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.io.File;
import java.io.OutputStream;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// The libraries of the class path, those of tests among them: each is the file that was taken in, and none is known for a weakness.
///
/// `-Dconshelf.dependencies.complete=true` writes the list of files anew; read what it wrote before you commit it.
class DependenciesTest {
    private static final Path FILES = Path.of("src/test/resources/dependencies/files.txt");
    /// Of a repository's layout: group, artifact, version, file.
    private static final Pattern JAR = Pattern.compile(".*/repository/(.+)/([^/]+)/([^/]+)/([^/]+\\.jar)");

    private record Library(String name, String version, String file, Path path) {
        static Library of(String entry) {
            var parts = JAR.matcher(entry);
            assertThat(parts.matches()).as(entry).isTrue();
            return new Library(parts.group(1).replace('/', '.') + ":" + parts.group(2), parts.group(3), parts.group(4), Path.of(entry));
        }
    }

    private record Advisory(String id, String name, String from, String to, String what) {
        boolean concerns(Library library) {
            return library.name().equals(name) && compare(library.version(), from) >= 0 && compare(library.version(), to) < 0;
        }
    }

    private static List<Library> libraries() {
        return Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator)).filter(entry -> JAR.matcher(entry).matches()).map(Library::of).toList();
    }

    private static Stream<String> lines(String name) throws IOException {
        try (InputStream text = DependenciesTest.class.getResourceAsStream("/dependencies/" + name)) {
            return new String(text.readAllBytes(), StandardCharsets.UTF_8).lines().filter(line -> !line.isBlank() && !line.startsWith("#")).toList().stream();
        }
    }

    @Test
    void noLibraryIsKnownForAWeaknessThatIsNotAccepted() throws IOException {
        List<Advisory> advisories = lines("advisories.txt").filter(line -> !line.startsWith("accepted ")).map(line -> line.split(" ", 5))
                .map(parts -> new Advisory(parts[0], parts[1], parts[2], parts[3], parts[4])).toList();
        List<String> accepted = new ArrayList<>(lines("advisories.txt").filter(line -> line.startsWith("accepted ")).map(line -> String.join(" ", line.split(" ", 5)).substring(9))
                .map(line -> String.join(" ", Arrays.asList(line.split(" ", 4)).subList(0, 3))).toList());
        List<String> found = new ArrayList<>();
        for (Library library : libraries()) {
            for (Advisory advisory : advisories) {
                if (advisory.concerns(library)) {
                    found.add(advisory.id() + " " + library.name() + " " + library.version());
                }
            }
        }
        // What is accepted and not there any more is to be taken off the list.
        assertThat(found).containsExactlyInAnyOrderElementsOf(accepted);
    }

    @Test
    void everyLibraryIsTheFileThatWasTakenIn() throws Exception {
        Map<String, String> files = new TreeMap<>();
        for (Library library : libraries()) {
            files.put(library.name() + ":" + library.version() + " " + library.file(), hash(library.path()));
        }
        assertThat(files).hasSizeGreaterThan(100);
        if (Boolean.getBoolean("conshelf.dependencies.complete")) {
            var text = new StringBuilder("# The SHA-256 of every library on the class path, as DependenciesTest checks it.\n");
            files.forEach((file, hash) -> text.append(file).append(' ').append(hash).append('\n'));
            Files.writeString(FILES, text.toString());
            return;
        }
        Map<String, String> known = new HashMap<>();
        lines("files.txt").forEach(line -> known.put(line.substring(0, line.lastIndexOf(' ')), line.substring(line.lastIndexOf(' ') + 1)));
        assertThat(files).as("a new version is taken in with -Dconshelf.dependencies.complete=true").allSatisfy(
                (file, hash) -> assertThat(known).as(file).containsEntry(file, hash));
    }

    private static String hash(Path file) throws Exception {
        MessageDigest digest = MessageDigest.getInstance("SHA-256");
        try (var in = new DigestInputStream(Files.newInputStream(file), digest)) {
            in.transferTo(OutputStream.nullOutputStream());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    @Test
    void versionsFollowEachOtherByTheirNumbers() {
        assertThat(compare("1.10", "1.9.2")).isPositive();
        assertThat(compare("4.1.100.Final", "4.1.99.Final")).isPositive();
        assertThat(compare("33.5.0-jre", "32.0.0")).isPositive();
        assertThat(compare("2.0", "2.0.0")).isZero();
        assertThat(compare("13.6.2.jre11", "13.2.1")).isPositive();
    }

    private static int compare(String one, String other) {
        List<Integer> left = numbers(one);
        List<Integer> right = numbers(other);
        for (int at = 0; at < Math.max(left.size(), right.size()); at++) {
            int compared = Integer.compare(at < left.size() ? left.get(at) : 0, at < right.size() ? right.get(at) : 0);
            if (compared != 0) {
                return compared;
            }
        }
        return 0;
    }

    /// Up to the first part that is none.
    private static List<Integer> numbers(String version) {
        return Arrays.stream(version.split("[.-]")).takeWhile(part -> part.matches("\\d{1,9}")).map(Integer::valueOf).toList();
    }
}
