package io.conshelf.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;

/// What the launcher runs once after a build, before it trains: takes the signatures out of the copies of libraries that it starts with. The
/// JVM keeps no class of a signed jar for later starts, and checks each that it loads: that was a quarter of what a short copy took, since the
/// clients of Azure are signed. What comes from the repository has been checked by then.
public final class UnsignedLibraries {
    private static final Pattern SIGNATURE = Pattern.compile("META-INF/[^/]+\\.(SF|RSA|DSA|EC)", Pattern.CASE_INSENSITIVE);

    private UnsignedLibraries() {}

    /// @param arguments the folder of the copies
    public static void main(String[] arguments) throws IOException {
        unsign(Path.of(arguments[0]));
    }

    static void unsign(Path folder) throws IOException {
        List<Path> jars;
        try (Stream<Path> files = Files.list(folder)) {
            jars = files.filter(file -> file.toString().endsWith(".jar")).toList();
        }
        for (Path jar : jars) {
            if (isSigned(jar)) {
                Path unsigned = jar.resolveSibling(jar.getFileName() + ".unsigned");
                try {
                    copy(jar, unsigned);
                    // A process that has the file open keeps what it has.
                    Files.move(unsigned, jar, StandardCopyOption.REPLACE_EXISTING);
                } finally {
                    Files.deleteIfExists(unsigned);
                }
            }
        }
    }

    private static boolean isSigned(Path jar) throws IOException {
        try (var entries = new ZipFile(jar.toFile())) {
            return entries.stream().anyMatch(UnsignedLibraries::isSignature);
        }
    }

    private static boolean isSignature(ZipEntry entry) {
        return SIGNATURE.matcher(entry.getName()).matches();
    }

    private static void copy(Path jar, Path target) throws IOException {
        try (var from = new ZipFile(jar.toFile()); var to = new ZipOutputStream(Files.newOutputStream(target))) {
            for (ZipEntry entry : from.stream().filter(one -> !isSignature(one)).toList()) {
                var copy = new ZipEntry(entry.getName());
                copy.setTime(entry.getTime());
                to.putNextEntry(copy);
                try (var content = from.getInputStream(entry)) {
                    content.transferTo(to);
                }
                to.closeEntry();
            }
        }
    }
}
