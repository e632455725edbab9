package io.conshelf.cli;

import io.conshelf.cli.output.Output;
import io.conshelf.cli.output.OutputFormat;
import io.conshelf.server.Server;
import io.conshelf.server.ServerConfig;
import java.io.BufferedWriter;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `conshelf query`: one query or command, against a cluster or straight over files.
@Command(
        name = "query",
        description = "Runs a query or a management command.",
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "Examples:",
            "  conshelf query 'print now()'",
            "  conshelf query airports.csv flights-3m.parquet \"['flights-3m'] | summarize count() by origin | top 5 by count_\"",
        })
final class QueryCommand implements Runnable {
    private static final String DEFAULT_CLUSTER = "http://localhost:8080";
    private static final String FILES_DATABASE = "NetDefaultDB";

    @Option(names = "--cluster", paramLabel = "URL", description = "the cluster to ask (default without files: " + DEFAULT_CLUSTER + ")")
    private Optional<String> cluster;

    @Option(names = "--database", paramLabel = "DB", description = "the database (default: ${DEFAULT-VALUE})", defaultValue = FILES_DATABASE)
    private String database;

    @ArgGroup
    private Shape shape = new Shape();

    /// How a result is printed: said in one way or the other.
    private static final class Shape {
        @Option(names = "--format", description = "${COMPLETION-CANDIDATES} (default: table)")
        private OutputFormat format = OutputFormat.TABLE;

        @Option(names = "--json", description = "the same as --format json, as other commands have it")
        private boolean isJson;
    }

    @Option(names = "--config", paramLabel = "FILE", description = "settings as YAML: live, limits, auth, allowedFolders")
    private Optional<Path> config;

    @Parameters(arity = "1..*", paramLabel = "[FILE…] KQL", description = "files, each a table named after it, and then the query")
    private List<String> arguments;

    @Override
    public void run() {
        var format = format();
        if (format.isBinary() && Terminal.columns() > 0) {
            throw new CommandFailure("--format " + format + " is nothing for a terminal: write it into a file, with > FILE");
        }
        var settings = Settings.read(config);
        var files = arguments.subList(0, arguments.size() - 1).stream().map(Path::of).toList();
        var kql = arguments.getLast();
        try {
            if (files.isEmpty()) {
                print(cluster.orElse(DEFAULT_CLUSTER), kql);
            } else {
                overFiles(files, kql, settings);
            }
        } catch (IOException e) {
            throw new CommandFailure("cannot write the result: " + e.getMessage(), e);
        }
    }

    private OutputFormat format() {
        return shape.isJson ? OutputFormat.JSON : shape.format;
    }

    private void overFiles(List<Path> files, String kql, Settings settings) throws IOException {
        if (cluster.isPresent()) {
            throw new CommandFailure("files are read by a cluster of their own: leave out --cluster, or ingest them there");
        }
        var tables = tableNames(files);
        try (var unpacked = new UnpackedFiles()) {
            var readable = new ArrayList<Path>();
            for (var file : files) {
                readable.add(unpacked.readable(file).toAbsolutePath().normalize());
            }
            var folders = readable.stream().map(Path::getParent).distinct().toList();
            try (Server server = UpCommand.start(settings.apply(ServerConfig.local().withAllowedFolders(folders)))) {
                var url = "http://127.0.0.1:" + server.port();
                for (int i = 0; i < files.size(); i++) {
                    FileTable.load(server, url, FILES_DATABASE, tables.get(i), readable.get(i));
                }
                print(url, kql);
            }
        }
    }

    /// A file's stem, without `.gz` too; two files of one stem would be one table, so that is refused.
    private static List<String> tableNames(List<Path> files) {
        var names = new ArrayList<String>();
        var taken = new HashMap<String, Path>();
        for (var file : files) {
            if (!Files.isRegularFile(file)) {
                throw new CommandFailure("there is no file '" + file + "' (the last argument is the query, the others are files)");
            }
            var name = file.getFileName().toString().replaceFirst("(?i)\\.gz$", "").replaceFirst("\\.[^.]+$", "");
            var allowed = FileTable.allowedName(name);
            if (!allowed.equals(name)) {
                System.err.println("conshelf: '" + file.getFileName() + "' is table ['" + allowed + "']");
                name = allowed;
            }
            var other = taken.putIfAbsent(name, file);
            if (other != null) {
                throw new CommandFailure("'" + other + "' and '" + file + "' would both be table '" + name + "'");
            }
            names.add(name);
        }
        return names;
    }

    private void print(String url, String kql) throws IOException {
        // Not System.out, which keeps failures to itself.
        var bytes = new FileOutputStream(FileDescriptor.out);
        try (var text = new BufferedWriter(new OutputStreamWriter(bytes, StandardCharsets.UTF_8), 1 << 16)) {
            new ClusterClient(url, database).run(kql, format(), new Output(bytes, text, Terminal.columns()));
        } catch (UncheckedIOException e) {
            endedByReader(e.getCause());
        } catch (IOException e) {
            endedByReader(e);
        }
    }

    /// Whoever reads may have seen enough; any other failure to write is one.
    private static void endedByReader(IOException failure) throws IOException {
        if (!String.valueOf(failure.getMessage()).contains("Broken pipe")) {
            throw failure;
        }
    }
}
