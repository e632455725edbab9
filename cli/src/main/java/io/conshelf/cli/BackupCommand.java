package io.conshelf.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.conshelf.connectors.StoreException;
import io.conshelf.connectors.kusto.ClusterRest;
import io.conshelf.connectors.kusto.Endpoints;
import io.conshelf.connectors.kusto.KustoCredential;
import io.conshelf.server.backup.BackupException;
import io.conshelf.server.backup.ClusterBackup;
import java.net.URI;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `conshelf backup`: everything of a cluster, in a folder.
@Command(
        name = "backup",
        description = "Copies all databases of a cluster, and what is queued for them, into a folder.",
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "A running cluster is asked to write the backup while it goes on working; the folder must be below the 'backups' of its",
            "data folder or inside one of its 'allowedFolders'. A stopped one is copied from its data folder.",
            "",
            "Examples:",
            "  conshelf backup /data/backups/monday",
            "  conshelf backup --data /data /mnt/usb/conshelf-2026-03-02",
        })
final class BackupCommand implements Runnable {
    private static final String DEFAULT_CLUSTER = "http://localhost:8080";
    private static final ObjectMapper JSON = new ObjectMapper();

    @ArgGroup
    private Source source = new Source();

    @Parameters(paramLabel = "TARGET", description = "a folder that is empty or not there yet")
    private Path target;

    private static final class Source {
        @Option(names = "--cluster", paramLabel = "URL", description = "the running cluster (default: " + DEFAULT_CLUSTER + ")")
        private Optional<String> cluster = Optional.empty();

        @Option(names = "--data", paramLabel = "DIR", description = "the data folder of a stopped cluster")
        private Optional<Path> data = Optional.empty();
    }

    @Override
    public void run() {
        Path folder = target.toAbsolutePath().normalize();
        if (source.data.isPresent()) {
            try {
                var manifest = ClusterBackup.ofFolder(source.data.get(), folder, Instant.now());
                tell(folder.toString(), manifest.files().size(), manifest.bytes());
            } catch (BackupException e) {
                throw new CommandFailure(e.getMessage(), e);
            }
        } else {
            ask(source.cluster.orElse(DEFAULT_CLUSTER), folder);
        }
    }

    private static void ask(String cluster, Path folder) {
        var body = JSON.createObjectNode().put("target", folder.toString());
        try {
            JsonNode said = ClusterRest.of(Endpoints.replacedBy(URI.create(cluster)).resolve(cluster), KustoCredential.of(System.getenv()))
                    .ask("POST", "/v1/rest/backup", body.toString());
            tell(said.path("target").asText(), said.path("files").asInt(), said.path("bytes").asLong());
        } catch (IllegalArgumentException e) {
            throw new CommandFailure("'" + cluster + "' is not the address of a cluster: " + e.getMessage(), e);
        } catch (StoreException e) {
            throw new CommandFailure(ClusterClient.explanation(e, cluster) + (e.code().equals("SignInFailed") || e.code().equals("ClusterUnreachable")
                    ? "; a stopped one is copied with --data" : ""), e);
        }
    }

    private static void tell(String folder, int files, long bytes) {
        System.out.println(folder);
        System.err.println("conshelf: " + files + " files, " + bytes + " bytes; put them back with: conshelf restore " + folder
                + " --data DIR");
    }
}
