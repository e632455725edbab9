package io.conshelf.streams.flink;

import java.io.BufferedOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;

/// One jar of what jobs need on a cluster: what is on this class path, without Flink, which the cluster has, and without the parts of this program that no job
/// uses. DuckDB's library, three quarters of all, is left out too, so that the jar is below what clusters take by default.
final class JobJar {
    /// Beginnings of the names of archives that stay here.
    private static final List<String> WITHOUT = List.of("flink-", "duckdb_jdbc", "helidon-", "micrometer-", "prometheus-", "picocli", "kryo", "javassist",
            "reflectasm", "objenesis", "minlog", "commons-math3", "commons-cli", "server-", "engine-", "kql-", "factory-", "cli", "native", "slf4j-",
            "netty-tcnative", "netty-resolver-dns-native", "netty-transport-native-kqueue", "jna", "RoaringBitmap", "snakeyaml-engine", "junit-", "assertj-",
            "surefire", "maven-", "byte-buddy", "opentest4j", "apiguardian");

    private JobJar() {}

    static Path write() throws IOException {
        Path jar = Files.createTempFile("conshelf-job", ".jar");
        Set<String> written = new HashSet<>();
        try (OutputStream file = new BufferedOutputStream(Files.newOutputStream(jar)); JarOutputStream out = new JarOutputStream(file)) {
            // services of several archives may have one name: their lines are put together
            Services services = new Services();
            for (Path entry : entries()) {
                if (Files.isDirectory(entry)) {
                    folder(entry, written, services, out);
                } else {
                    archive(entry, written, services, out);
                }
            }
            services.write(out);
        }
        return jar;
    }

    private static List<Path> entries() {
        return Stream.of(System.getProperty("java.class.path").split(File.pathSeparator)).map(Path::of).filter(Files::exists)
                .filter(path -> Files.isDirectory(path) || path.getFileName().toString().endsWith(".jar")
                        && WITHOUT.stream().noneMatch(path.getFileName().toString()::startsWith)).distinct().toList();
    }

    private static void folder(Path folder, Set<String> written, Services services, JarOutputStream out) throws IOException {
        try (Stream<Path> all = Files.walk(folder)) {
            for (Path path : all.filter(Files::isRegularFile).toList()) {
                entry(folder.relativize(path).toString().replace(File.separatorChar, '/'), Files.readAllBytes(path), written, services, out);
            }
        }
    }

    private static void archive(Path archive, Set<String> written, Services services, JarOutputStream out) throws IOException {
        try (JarFile jar = new JarFile(archive.toFile())) {
            for (JarEntry entry : jar.stream().filter(entry -> !entry.isDirectory()).toList()) {
                try (var in = jar.getInputStream(entry)) {
                    entry(entry.getName(), in.readAllBytes(), written, services, out);
                }
            }
        }
    }

    private static void entry(String name, byte[] bytes, Set<String> written, Services services, JarOutputStream out) throws IOException {
        if (name.startsWith(Services.FOLDER)) {
            services.add(name, bytes);
            return;
        }
        // signatures do not hold for the whole, and other systems' libraries are dead weight
        if (name.equals("META-INF/MANIFEST.MF") || name.matches("META-INF/[^/]+\\.(SF|RSA|DSA|EC)") || name.equals("module-info.class") || !written.add(name)) {
            return;
        }
        out.putNextEntry(new JarEntry(name));
        out.write(bytes);
        out.closeEntry();
    }

    private static final class Services {
        private static final String FOLDER = "META-INF/services/";
        private final java.util.Map<String, StringBuilder> lines = new java.util.TreeMap<>();

        private void add(String name, byte[] bytes) {
            lines.computeIfAbsent(name, _ -> new StringBuilder()).append(new String(bytes, java.nio.charset.StandardCharsets.UTF_8)).append('\n');
        }

        private void write(JarOutputStream out) throws IOException {
            for (var service : lines.entrySet()) {
                out.putNextEntry(new JarEntry(service.getKey()));
                out.write(service.getValue().toString().getBytes(java.nio.charset.StandardCharsets.UTF_8));
                out.closeEntry();
            }
        }
    }
}
