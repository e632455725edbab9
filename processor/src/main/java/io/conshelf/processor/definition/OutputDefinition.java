package io.conshelf.processor.definition;

import io.conshelf.processor.destination.Retry;
import io.conshelf.processor.path.FileTemplate;
import io.conshelf.processor.path.Path;
import java.util.List;

/// Where a pipeline's messages go.
///
/// @param id    by which the stage before names it
/// @param type  as [StageTypes] spells it
/// @param title what the portal shows
public record OutputDefinition(String id, String type, String title, Settings settings) {
    public sealed interface Settings {
        record DataExplorer(String clusterUrl, String database, String table, List<Column> columns, Authentication authentication, Batch batch, Retry retry)
                implements Settings {
            public DataExplorer {
                columns = List.copyOf(columns);
            }
        }

        /// @param trustedCertificates the name of a secret, or empty
        record Mqtt(String broker, Field topic, int qos, FormatDefinition format, Authentication authentication, String trustedCertificates, List<Field.Pair> userProperties,
                Retry retry) implements Settings {
            public Mqtt {
                userProperties = List.copyOf(userProperties);
            }
        }

        record ReferenceData(String dataset) implements Settings {}

        record Http(String url, String method, HttpRequest request, Authentication authentication, Retry retry) implements Settings {}

        record Blob(String accountName, String containerName, Authentication authentication, FormatDefinition format, FileTemplate path, Batch batch, Retry retry)
                implements Settings {}

        /// @param permissions such as `0644`, or empty
        record File(String rootDirectory, FormatDefinition format, FileTemplate path, Batch batch, String permissions) implements Settings {}
    }

    /// @param path in the record
    public record Column(String name, Path path) {}
}
