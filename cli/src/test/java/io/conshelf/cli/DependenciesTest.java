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
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.io.File;
import java.io.OutputStream;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// The libraries of the class path, those of tests among them: each is the file that was taken in, and none is known for a weakness.
///
/// `-Dconshelf.dependencies.complete=true` writes the list of files anew; read what it wrote before you commit it.
class DependenciesTest {
    private static final Path FILES = Path.of("src/test/resources/dependencies/files.txt");

    private record Library(String name, String version, String file, Path path) {
        /// A repository has folders for the parts of the group, one for the artifact and one for the version.
        static Library of(Path repository, Path path) {
            Path parts = repository.relativize(path);
            int folders = parts.getNameCount() - 1;
            String group = IntStream.range(0, folders - 2).mapToObj(at -> parts.getName(at).toString()).collect(Collectors.joining("."));
            return new Library(group + ":" + parts.getName(folders - 2), parts.getName(folders - 1).toString(), parts.getName(folders).toString(), path);
        }
    }

    private record Advisory(String id, String name, String from, String to, String what) {
        boolean concerns(Library library) {
            return library.name().equals(name) && compare(library.version(), from) >= 0 && (to.equals("-") || compare(library.version(), to) < 0);
        }
    }

    /// What is below the repository that the build took its libraries from; not what the build itself put there.
    private static List<Library> libraries() throws Exception {
        Path repository = repository();
        List<Library> libraries = new ArrayList<>();
        for (String entry : System.getProperty("java.class.path").split(File.pathSeparator)) {
            if (entry.endsWith(".jar") && Files.exists(Path.of(entry))) {
                Path path = Path.of(entry).toRealPath();
                if (path.startsWith(repository)) {
                    libraries.add(Library.of(repository, path));
                }
            }
        }
        return libraries.stream().filter(library -> !library.name().startsWith("io.conshelf:")).toList();
    }

    /// Where it is differs by machine and by how the test is started, but JUnit's own library lies in it: org/junit/jupiter/ARTIFACT/VERSION/FILE.
    private static Path repository() throws Exception {
        Path junit = Path.of(Test.class.getProtectionDomain().getCodeSource().getLocation().toURI()).toRealPath();
        Path repository = Stream.iterate(junit, Path::getParent).skip(6).findFirst().orElseThrow();
        assertThat(repository.relativize(junit)).startsWithRaw(Path.of("org", "junit", "jupiter", "junit-jupiter-api"));
        return repository;
    }

    private static Stream<String> lines(String name) throws IOException {
        try (InputStream text = DependenciesTest.class.getResourceAsStream("/dependencies/" + name)) {
            return new String(text.readAllBytes(), StandardCharsets.UTF_8).lines().filter(line -> !line.isBlank() && !line.startsWith("#")).toList().stream();
        }
    }

    @Test
    void noLibraryIsKnownForAWeaknessThatIsNotAccepted() throws Exception {
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
        Set<String> found = files.entrySet().stream().map(file -> file.getKey() + " " + file.getValue()).collect(Collectors.toSet());
        Set<String> known = lines("files.txt").collect(Collectors.toSet());
        assertThat(without(found, known)).as("a new version is taken in with -Dconshelf.dependencies.complete=true").isEmpty();
        assertThat(without(known, found)).as("what is not used any more is taken off with -Dconshelf.dependencies.complete=true").isEmpty();
    }

    private static Set<String> without(Set<String> some, Set<String> others) {
        return some.stream().filter(one -> !others.contains(one)).collect(Collectors.toCollection(TreeSet::new));
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
    void aRangeWithoutAnEndHasEveryLaterVersion() {
        var ended = new Advisory("CVE", "group:artifact", "1.2", "1.4", "what it is");
        var endless = new Advisory("CVE", "group:artifact", "1.2", "-", "what it is");
        assertThat(Stream.of("1.1.9", "1.2", "1.3", "1.4", "9.0").map(version -> new Library("group:artifact", version, "file", Path.of("file"))))
                .allSatisfy(library -> assertThat(endless.concerns(library)).isEqualTo(compare(library.version(), "1.2") >= 0))
                .filteredOn(ended::concerns).extracting(Library::version).containsExactly("1.2", "1.3");
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
